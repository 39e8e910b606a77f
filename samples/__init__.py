"""The bundled sample: text written for it, in the layouts of the real sources."""

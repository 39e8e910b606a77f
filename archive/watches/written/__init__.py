"""How a message is written: as mail, as a webhook's JSON, as a few short lines."""

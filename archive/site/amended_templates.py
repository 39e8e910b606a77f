"""Datasette's own templates with what its forms lack for who doesn't see them: names of fields, headings in order."""

from __future__ import annotations

from collections.abc import Callable

from jinja2 import BaseLoader, Environment

# In Datasette 0.65 (axe-core: select-name, label, heading-order): what stands there, and what should; and where the
# rest is of what a page shows in part.
AMENDMENTS = {
    '<select name="_filter_column': '<select aria-label="Column" name="_filter_column',
    '<select name="_filter_op': '<select aria-label="How its value is compared" name="_filter_op',
    '<input type="text" name="_filter_value': '<input type="text" aria-label="Value" name="_filter_value',
    '<select name="_sort"': '<select aria-label="Sort by" name="_sort"',
    '<textarea id="sql-editor"': '<textarea id="sql-editor" aria-label="SQL"',
    '<p class="export-links">This data as': (
        '<p class="export-links">{% if truncated %}The page shows the first rows; as data there are more. {% endif %}'
        "This data as"
    ),
    "<h3>": "<h2>",
    "</h3>": "</h2>",
}


class Amended(BaseLoader):
    """Loads what another loader does, amended."""

    def __init__(self, inner: BaseLoader) -> None:
        self.inner = inner

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        """Return a template's text. Raises jinja2.TemplateNotFound."""
        text, file, is_fresh = self.inner.get_source(environment, template)
        for there, wanted in AMENDMENTS.items():
            text = text.replace(there, wanted)
        return text, file, is_fresh

    def list_templates(self) -> list[str]:
        """Return the names of all templates."""
        return self.inner.list_templates()

from django.db import models
from wagtail.models import Page


class SearchEntry(models.Model):
    """What the site's search and its lists of pages show of a published page.

    Written by `cms.search.indexing`, and by nothing else.

    Why not Wagtail's own search: its database backend stems with PostgreSQL's dictionary or not at all, which misses
    *kurser* and *hjälpmedlet* and splits no compound, and it gave a quarter of the rate of a plain query on a prepared
    vector. Wagtail's index stays in use for the editors' own search in the admin.

    On PostgreSQL the table has a generated column `document` (tsvector, title weighted over body) with an index: it is
    made by the migration, outside the model, since SQLite has no such type.
    """

    page = models.OneToOneField(Page, on_delete=models.CASCADE, primary_key=True, related_name="search_entry")
    title = models.CharField(max_length=255)
    introduction = models.TextField(blank=True)
    headings = models.TextField(help_text="Headings, where suggestions are taken from as from titles.")
    text = models.TextField(help_text="The page's words as written, for the excerpt.")
    title_normalised = models.TextField()
    body_normalised = models.TextField()
    indexed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "search entries"

    def __str__(self) -> str:
        return self.title

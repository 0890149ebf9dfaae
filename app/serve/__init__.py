"""What goes on a page: histories, shelves, the slate policy, the slate log and the hot swap of models."""

from app.serve.page import Entry, Page, ServeState, Shelf
from app.serve.serve import Serve

__all__ = ["Entry", "Page", "Serve", "ServeState", "Shelf"]

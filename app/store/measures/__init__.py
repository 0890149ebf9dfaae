"""Reading and writing what `app/measure` keeps in the event database."""

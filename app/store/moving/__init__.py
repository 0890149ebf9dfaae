"""Moving a site's event database to another engine or server, and back, while the site runs."""

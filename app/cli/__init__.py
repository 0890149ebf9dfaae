"""Every `flask` command, and the demo."""

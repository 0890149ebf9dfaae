"""The row that follows the visitor: balanced by taste, shared with a challenger, tired of what was passed over."""

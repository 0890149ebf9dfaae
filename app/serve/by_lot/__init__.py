"""Pages of holdout visitors, drawn by lot, so that models can be judged by them."""

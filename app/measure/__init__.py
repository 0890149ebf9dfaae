"""What is measured: the experiment, evaluation of models, risks, governance, and the dashboard that shows them."""

"""How several processes serve one site: what they tell each other, and what none may answer before."""

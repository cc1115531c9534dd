"""What is kept: the shop's database and the generation folders."""

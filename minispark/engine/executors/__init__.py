"""Where tasks run: each module here adapts one kind of worker to one interface."""

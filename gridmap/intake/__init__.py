"""Opens what people upload, in a worker process of its own."""

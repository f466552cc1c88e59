"""What requests and answers look like: strict, bounded, each with an example."""

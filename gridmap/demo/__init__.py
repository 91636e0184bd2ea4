"""Makes the fictional demo district."""

"""Where the pages begin: the district on one map."""

"""The tenant log on PostgreSQL: appends, streams, the feed, sealed personal fields."""

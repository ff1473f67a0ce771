"""Files in and out: splits, records, codecs and the output committer."""

// Every test starts processes and loads both cores; side by side they would only starve each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

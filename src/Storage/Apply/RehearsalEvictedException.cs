namespace Rqlite.Pg.Storage;

/// <summary>A rehearsal was evicted; it can be resumed, and its last step has to be run again.</summary>
public sealed class RehearsalEvictedException() : Exception("The rehearsal gave way to others.");

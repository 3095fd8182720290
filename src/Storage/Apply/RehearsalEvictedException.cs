namespace Rqlite.Pg.Storage;

/// <summary>A rehearsal had to give way to others; it can be resumed, and what was asked of it last has to be asked again.</summary>
public sealed class RehearsalEvictedException() : Exception("The rehearsal gave way to others.");

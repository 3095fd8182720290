namespace Rqlite.Pg.Storage;

/// <summary>The node is stopping while it applies an entry. Nothing of the entry is in the database; the next start applies it.</summary>
public sealed class ApplyStoppedException() : Exception("The node stopped while an entry was applied.");

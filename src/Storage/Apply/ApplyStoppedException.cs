namespace Rqlite.Pg.Storage;

/// <summary>The node stops while an entry is applied. Nothing of the entry is in the database; the next start applies it.</summary>
public sealed class ApplyStoppedException() : Exception("The node stopped while an entry was applied.");

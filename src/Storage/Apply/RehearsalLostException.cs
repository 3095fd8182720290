namespace Rqlite.Pg.Storage;

/// <summary>A rehearsal was rolled back, because other entries had to be applied or because running it again gave other answers.</summary>
public sealed class RehearsalLostException() : Exception("The rehearsal was rolled back.");

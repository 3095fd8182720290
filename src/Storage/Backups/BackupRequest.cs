namespace Rqlite.Pg.Storage;

/// <summary>The form of a backup. The values are part of the node protocol.</summary>
public enum BackupFormat : byte
{
    /// <summary>A SQLite file in the journal mode WAL, rqlite's default.</summary>
    Binary = 0,

    /// <summary>A SQLite file in the journal mode DELETE.</summary>
    Delete = 1,

    /// <summary>The statements that make the database, as text.</summary>
    Sql = 2,
}

/// <summary>The form and the content of a backup.</summary>
/// <param name="Vacuum">Rebuild the file without free pages.</param>
/// <param name="Tables">The tables whose rows and definitions a text is to hold; all if there is none.</param>
public sealed record BackupRequest(BackupFormat Format, bool Vacuum, IReadOnlyList<string> Tables);

/// <summary>A backup cannot be made now; nothing was begun.</summary>
public sealed class BackupRefusedException(string message, bool diskFull) : Exception(message)
{
    /// <summary>The disk has no room for it; otherwise another one is being made.</summary>
    public bool DiskFull { get; } = diskFull;
}

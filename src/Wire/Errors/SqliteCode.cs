namespace Rqlite.Pg.Wire.Errors;

/// <summary>SQLite's primary result codes, and the extended ones of constraints.</summary>
internal static class SqliteCode
{
    public const int Error = 1;
    public const int Busy = 5;
    public const int Locked = 6;
    public const int NoMemory = 7;
    public const int ReadOnly = 8;
    public const int Interrupt = 9;
    public const int Io = 10;
    public const int Corrupt = 11;
    public const int Full = 13;
    public const int CannotOpen = 14;
    public const int TooBig = 18;
    public const int Constraint = 19;
    public const int Mismatch = 20;
    public const int NotAuthorized = 23;
    public const int Range = 25;
    public const int NotADatabase = 26;
    public const int ConstraintCheck = 275;
    public const int ConstraintForeignKey = 787;
    public const int ConstraintNotNull = 1299;
    public const int ConstraintPrimaryKey = 1555;
    public const int ConstraintTrigger = 1811;
    public const int ConstraintUnique = 2067;
    public const int ConstraintRowId = 2579;
    public const int ConstraintDataType = 3091;

    /// <summary>True for an error of a statement's text, rather than of the memory, time or files that there are for it.</summary>
    public static bool IsOfText(int code) => (code & 0xff) is Error or NotAuthorized or Mismatch or Range;
}

namespace Rqlite.Pg.Storage;

/// <summary>The kind of a result code: the statement's fault, or the node's.</summary>
internal enum ResultKind
{
    /// <summary>Not a failure.</summary>
    Success,

    /// <summary>The statement's: every replica sees the same, so it is a result.</summary>
    Statement,

    /// <summary>This node's: disk, memory or a broken file. While applying an entry it ends the process.</summary>
    Environment,
}

/// <summary>SQLite's primary result codes and whose fault each of them is; one table for the whole project.</summary>
internal static class ResultCode
{
    public const int Ok = 0;
    public const int Error = 1;
    public const int Internal = 2;
    public const int Permission = 3;
    public const int Abort = 4;
    public const int Busy = 5;
    public const int Locked = 6;
    public const int NoMemory = 7;
    public const int ReadOnly = 8;
    public const int Interrupt = 9;
    public const int IOError = 10;
    public const int Corrupt = 11;
    public const int NotFound = 12;
    public const int Full = 13;
    public const int CannotOpen = 14;
    public const int Protocol = 15;
    public const int Empty = 16;
    public const int Schema = 17;
    public const int TooBig = 18;
    public const int Constraint = 19;
    public const int Mismatch = 20;
    public const int Misuse = 21;
    public const int NoLargeFiles = 22;
    public const int Authorization = 23;
    public const int Format = 24;
    public const int Range = 25;
    public const int NotADatabase = 26;
    public const int Notice = 27;
    public const int Warning = 28;
    public const int Row = 100;
    public const int Done = 101;

    public const int ConstraintForeignKey = Constraint | (3 << 8);
    public const int IOErrorNoMemory = IOError | (12 << 8);
    public const int ConstraintRowId = Constraint | (10 << 8);

    /// <summary>SQLITE_CORRUPT_VTAB: also the answer of FTS and R-Tree to a malformed request, which every replica gives alike.</summary>
    public const int CorruptVirtualTable = Corrupt | (1 << 8);

    /// <exception cref="ArgumentOutOfRangeException">A code this build does not know.</exception>
    public static ResultKind Classify(int code) => code == CorruptVirtualTable ? ResultKind.Statement : (code & 0xff) switch
    {
        Ok or Row or Done or Notice or Warning => ResultKind.Success,

        // ABORT comes from RAISE(ABORT) and from a ROLLBACK under a running statement; both follow from the entry alone. So does LOCKED, without a
        // cache that connections share: an R-Tree answers so if the statement that changes it is still reading it.
        Error or Abort or Locked or TooBig or Constraint or Mismatch or Authorization or Range or Schema or Empty or Format => ResultKind.Statement,

        // The writer is never interrupted and never meets another writer, so these can only come from outside.
        Internal or Permission or Busy or NoMemory or ReadOnly or Interrupt or IOError or Corrupt or NotFound or Full
            or CannotOpen or Protocol or Misuse or NoLargeFiles or NotADatabase => ResultKind.Environment,

        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "Unknown SQLite result code."),
    };
}

namespace Rqlite.Pg.Storage;

/// <summary>Numbers of the C interface that are neither result codes nor authorizer actions.</summary>
internal static partial class Native
{
    public const int OpenReadOnly = 0x1;
    public const int OpenReadWrite = 0x2;
    public const int OpenCreate = 0x4;
    public const int OpenNoMutex = 0x8000;
    public const int OpenExtendedCodes = 0x02000000;

    public const uint PreparePersistent = 1;

    public const int ConfigMemoryMethods = 4;
    public const int ConfigMemoryStatistics = 9;

    public const int ConfigEnableForeignKeys = 1002;
    public const int ConfigEnableFts3Tokenizer = 1004;
    public const int ConfigEnableLoadExtension = 1005;
    public const int ConfigNoCheckpointOnClose = 1006;
    public const int ConfigDefensive = 1010;
    public const int ConfigDoubleQuotedTextInStatements = 1013;
    public const int ConfigDoubleQuotedTextInSchema = 1014;
    public const int ConfigTrustedSchema = 1017;
    public const int ConfigReverseScanOrder = 1019;
    public const int ConfigAttachCreate = 1020;
    public const int ConfigAttachWrite = 1021;

    public const int LimitLength = 0;
    public const int LimitSqlLength = 1;
    public const int LimitColumn = 2;
    public const int LimitExpressionDepth = 3;
    public const int LimitCompoundSelect = 4;
    public const int LimitAttached = 7;
    public const int LimitLikePatternLength = 8;
    public const int LimitTriggerDepth = 10;
    public const int LimitWorkerThreads = 11;

    public const int StatusDeferredForeignKeys = 10;
    public const int StatementStatusReprepare = 5;

    public const int FunctionUtf8 = 1;
    public const int FunctionDeterministic = 0x800;
    public const int FunctionDirectOnly = 0x80000;
    public const int FunctionSubtype = 0x100000;

    public const int FunctionInnocuous = 0x200000;
    public const int FunctionResultSubtype = 0x1000000;

    /// <summary>SQLITE_VTAB_INNOCUOUS: views and triggers may read the table.</summary>
    public const int TableInnocuous = 2;

    /// <summary>SQLITE_INDEX_CONSTRAINT_EQ.</summary>
    public const byte ConstraintEqual = 2;

    public const int OperationDelete = 9;
    public const int OperationInsert = 18;
    public const int OperationUpdate = 23;

    public const int CheckpointPassive = 0;
    public const int CheckpointRestart = 2;
    public const int CheckpointTruncate = 3;

    /// <summary>SQLITE_TRANSIENT: SQLite makes its own copy before the call returns.</summary>
    public const nint Transient = -1;

    public const byte EncodingUtf8 = 1;
}

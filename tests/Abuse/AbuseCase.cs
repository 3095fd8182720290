namespace Rqlite.Pg.Abuse;

/// <summary>What a case is about.</summary>
internal enum CaseGroup
{
    /// <summary>Writes that the leader has to run to their end, under limits, before they are in the log.</summary>
    Log,

    /// <summary>Reads that would not end, or would take all memory.</summary>
    Reads,

    /// <summary>What must not be possible at all.</summary>
    Doors,

    /// <summary>Bytes at the port between nodes.</summary>
    NodePort,

    /// <summary>Input that is nested without end.</summary>
    Depth,

    /// <summary>Clients that take what others need.</summary>
    Starvation,
}

/// <summary>One misuse, and what has to come of it.</summary>
internal abstract record AbuseCase(CaseGroup Group, string Name)
{
    /// <summary>Run over HTTP before the case, once on each cluster.</summary>
    public IReadOnlyList<string> Setup { get; init; } = [];

    /// <summary>Part of the bounded run in the tests.</summary>
    public bool Short { get; init; }
}

/// <summary>Statements, sent through each of their doors, on the leader and on a follower.</summary>
internal sealed record SqlCase(CaseGroup Group, string Name, Func<IReadOnlyList<string>> Statements, AnswerKinds Expected) : AbuseCase(Group, Name)
{
    public SqlCase(CaseGroup group, string name, string sql, AnswerKinds expected)
        : this(group, name, () => [sql], expected)
    {
    }

    /// <summary>Instead of the statements: texts that are sent one after the other, each as a request of its own.</summary>
    public IReadOnlyList<string> Variants { get; init; } = [];

    public LimitOf Limit { get; init; }

    public required IReadOnlyList<Door> Doors { get; init; }

    /// <summary>The rows of table p that an acknowledged request leaves; nothing else ever leaves any.</summary>
    public int? Rows { get; init; }
}

/// <summary>Something that a program does, more than to send a statement. Its result says what went wrong, or is null.</summary>
internal sealed record ActionCase(CaseGroup Group, string Name, Func<Bench, Task<Finding>> Run) : AbuseCase(Group, Name);

/// <summary>What an action has met with.</summary>
/// <param name="Wrong">What is not as it should be, or null.</param>
internal sealed record Finding(string? Wrong, string Seen)
{
    public static Finding Good(string seen) => new(null, seen);

    public static Finding Bad(string wrong) => new(wrong, "");
}

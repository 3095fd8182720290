using Rqlite.Pg.Harness;

namespace Rqlite.Pg.Abuse;

/// <summary>How a request gets in.</summary>
/// <param name="Atomic">Sends marks around the statement, which are kept or undone with it.</param>
internal sealed record Door(string Name, bool Atomic, bool Http, Func<Call, Task<Answer>> Send);

/// <summary>What ends a statement that does not end by itself.</summary>
internal enum LimitOf
{
    /// <summary>The node's own limit.</summary>
    Node,

    /// <summary>A limit that the client gives along.</summary>
    Client,

    /// <summary>A cancel request, by the PostgreSQL protocol.</summary>
    Cancel,

    /// <summary>The client goes away.</summary>
    Departure,
}

/// <summary>One request through one door.</summary>
/// <param name="Mark">The number that an atomic door writes in front of the statements and behind them.</param>
/// <param name="Patience">How long the client waits for an answer.</param>
internal sealed record Call(NodeOptions Node, IReadOnlyList<string> Statements, long Mark, LimitOf Limit, TimeSpan ClientLimit, TimeSpan Patience)
{
    public string MarkSql => $"INSERT INTO marks(id) VALUES ({Mark})";

    public IEnumerable<string> Marked => [MarkSql, .. Statements, MarkSql];
}

using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire.Planning;

namespace Rqlite.Pg.Wire.Session;

/// <summary>A prepared statement with the values of its parameters.</summary>
/// <param name="Statement">What the database runs; empty for a command of the session.</param>
internal sealed record BoundStatement(PreparedStatement Prepared, Statement Statement)
{
    /// <summary>The plan that the values were bound to; the prepared statement may have a newer one.</summary>
    public PlannedStatement Plan { get; } = Prepared.Plan;
}

/// <summary>A statement as it was run.</summary>
/// <param name="IsApart">It ran behind other writes of its entry, which are undone if it fails: what it saw cannot be read any more then.</param>
internal sealed record StatementRun(BoundStatement Bound, bool IsApart = false);

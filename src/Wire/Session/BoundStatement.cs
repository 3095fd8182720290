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

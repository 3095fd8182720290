using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Execution.Routes;

/// <summary>
/// Answers a nextval() whose value the session has drawn before, with others of its CACHE. Within a block the database is always asked, since the
/// writer then keeps what the session has.
/// </summary>
internal sealed class LocalDrawRoute(SessionState session) : IStatementRoute
{
    public ValueTask<RowCursor> RunAsync(BoundStatement bound) =>
        new(new DrawnValue(bound.Plan.Rows, session.Sequences.Draw(bound.Plan.DrawnSequence!)));
}

using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Execution.Routes;

/// <summary>A way in which a single statement reaches the database. It may be taken only after <see cref="StatementRouting"/> has chosen it.</summary>
internal interface IStatementRoute
{
    ValueTask<RowCursor> RunAsync(BoundStatement bound);
}

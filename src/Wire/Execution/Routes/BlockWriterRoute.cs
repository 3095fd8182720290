using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Execution.Routes;

internal sealed class BlockWriterRoute(WriterAccess writer) : IStatementRoute
{
    public ValueTask<RowCursor> RunAsync(BoundStatement bound) => writer.RunAsync(bound);
}

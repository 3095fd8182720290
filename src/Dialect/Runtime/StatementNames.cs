using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>The names of objects as a running statement sees them; the schema is looked at when a name is asked for.</summary>
internal sealed class StatementNames(StatementContext statement) : IObjectNames
{
    public uint? Find(uint type, string name) => SchemaNames.Of(CatalogView.Of(statement)).Find(type, name);

    public string? NameOf(uint type, uint oid) => SchemaNames.Of(CatalogView.Of(statement)).NameOf(type, oid);
}

using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.TypedColumns;

/// <summary>The types that the metadata gives to columns, for statements that were written in SQLite's dialect.</summary>
internal sealed class ColumnTypes : ITypedSchema
{
    public ITypedTables? Load(IConnectionSql sql) => TypedTables.Load(sql);

    public IDefinitionFollower Follow(IConnectionSql sql) => new DefinitionFollower(sql);
}

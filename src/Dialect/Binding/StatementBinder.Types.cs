using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>What the binder asks about types, built in and of the database.</summary>
internal sealed partial class StatementBinder
{
    /// <summary>The columns of a row type; null for a type that is no row type. A domain over one is looked through.</summary>
    private RowField[]? FieldsOfType(uint oid) =>
        _types.FindOwn(_types.BaseOf(oid)) is { Kind: 'c' } row && _context.Schema.FindRelation(row.RelationOid) is { } relation
            ? FieldsOf(relation)
            : null;

    private static RowField[] FieldsOf(Relation relation) =>
        [.. relation.Attributes.Select(a => new RowField(a.Dropped ? "" : a.Name, a.Type, a.Collation, a.Dropped))];

    /// <summary>True for record, the row types of tables, and domains over those.</summary>
    private bool IsRowType(uint oid) => oid == PgTypes.Record || _types.IsComposite(oid);

    private static Const BooleanConstant(bool value, Location location) => new(value ? "t" : "f", new PgType(PgTypes.Bool), 0, location);

    private static NodeList<T> ListOf<T>(IEnumerable<T> items) => [.. items];
}

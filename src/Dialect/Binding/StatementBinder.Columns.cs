using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>References to columns and whole rows.</summary>
internal sealed partial class StatementBinder
{
    /// <summary>The system columns and their numbers in pg_attribute. A system column is hidden by a column of its name.</summary>
    private static readonly Dictionary<string, (short Number, uint Type)> s_systemColumns = new(StringComparer.Ordinal)
    {
        ["ctid"] = (-1, PgTypes.Tid),
        ["xmin"] = (-2, PgTypes.Xid),
        ["cmin"] = (-3, PgTypes.Cid),
        ["xmax"] = (-4, PgTypes.Xid),
        ["cmax"] = (-5, PgTypes.Cid),
        ["tableoid"] = (TableOidColumn, PgTypes.Oid),
    };

    private const short TableOidColumn = -6;

    private BoundExpression BindColumn(ColumnReference reference, Scope scope)
    {
        if (scope.DomainValue is { } value && reference is { Star: false, Names: ["value"] })
        {
            return value;
        }

        if (scope.Kind == ExpressionKind.ColumnDefault)
        {
            throw Error(SqlState.FeatureNotSupported, "cannot use column reference in DEFAULT expression", reference.Location);
        }

        if (reference is { Star: false, Names.Count: 1 })
        {
            return BindName(reference.Names[0], scope, reference.Location);
        }

        var (schema, table, column) = SplitNames(reference);
        if (FindItem(scope, schema, table, reference.Location, out var levels) is not { } item)
        {
            throw MissingRelation(scope, schema, table, reference.Location);
        }

        if (reference.Star)
        {
            return WholeRow(item, levels, reference.Location);
        }

        return FieldOf(item, levels, column, scope, reference.Location)
            ?? BindCallOnRow(column, WholeRow(item, levels, reference.Location), scope, reference.Location)
            ?? throw MissingColumn(scope, table, column, reference.Location);
    }

    /// <summary>A name alone: a column, or a whole row.</summary>
    private BoundExpression BindName(string name, Scope scope, Location location)
    {
        if (FindColumn(scope, name, location, localOnly: false) is { } column)
        {
            return column;
        }

        return FindItem(scope, null, name, location, out var levels) is { } item
            ? WholeRow(item, levels, location)
            : throw MissingColumn(scope, null, name, location);
    }

    /// <summary>The schema, table and column of a qualified name; with a star the column is left out.</summary>
    private (string? Schema, string Table, string Column) SplitNames(ColumnReference reference)
    {
        var names = reference.Names;
        var column = reference.Star ? "" : names[^1];
        var qualifiers = reference.Star ? names.Count : names.Count - 1;
        switch (qualifiers)
        {
            case 1:
                return (null, names[0], column);
            case 2:
                return (names[0], names[1], column);
            case 3 when names[0] == _context.Database:
                return (names[1], names[2], column);
            case 3:
                throw Error(
                    SqlState.FeatureNotSupported, $"cross-database references are not implemented: {Dotted(reference)}", reference.Location);
            default:
                throw Error(SqlState.SyntaxError, $"improper qualified name (too many dotted names): {Dotted(reference)}", reference.Location);
        }
    }

    private static string Dotted(ColumnReference reference) => string.Join('.', reference.Names) + (reference.Star ? ".*" : "");

    /// <summary>A column by its name alone, in the nearest query that has one; null if none has.</summary>
    private BoundExpression? FindColumn(Scope origin, string name, Location location, bool localOnly)
    {
        var levels = 0;
        for (var scope = origin; scope is not null; scope = scope.Parent, levels++)
        {
            BoundExpression? result = null;
            foreach (var item in scope.Namespace)
            {
                if (!item.ColumnsVisible || (item.LateralOnly && !scope.LateralActive) || FieldOf(item, levels, name, origin, location) is not { } found)
                {
                    continue;
                }

                if (result is not null)
                {
                    throw AmbiguousColumn(name, location);
                }

                CheckLateral(scope, item, location);
                result = found;
            }

            if (result is not null || localOnly)
            {
                return result;
            }
        }

        return null;
    }

    private DialectException AmbiguousColumn(string name, Location location) =>
        Error(SqlState.AmbiguousColumn, $"column reference \"{name}\" is ambiguous", location);

    /// <summary>A column of a relation, also a system column; null if it has none of the name.</summary>
    private Var? FieldOf(ScopeItem item, int levels, string name, Scope origin, Location location)
    {
        var found = IndexOf(item.Names, name, location);
        if (found >= 0)
        {
            var column = item.Columns[found];
            return new Var(column.Relation, column.Attribute, levels, column.Type, column.Collation, location);
        }

        if (!item.SystemColumns || !s_systemColumns.TryGetValue(name, out var system))
        {
            return null;
        }

        if (system.Number != TableOidColumn)
        {
            switch (origin.Kind)
            {
                case ExpressionKind.CheckConstraint:
                    throw Error(
                        SqlState.InvalidColumnReference, $"system column \"{name}\" reference in check constraint is invalid", location);
                case ExpressionKind.GeneratedColumn:
                    throw Error(SqlState.InvalidColumnReference, $"cannot use system column \"{name}\" in column generation expression", location);
            }
        }

        return new Var(item.Relation, system.Number, levels, new PgType(system.Type), 0, location);
    }

    private int IndexOf(NodeList<string> names, string name, Location location)
    {
        var found = -1;
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i] == name && name.Length > 0)
            {
                if (found >= 0)
                {
                    throw AmbiguousColumn(name, location);
                }

                found = i;
            }
        }

        return found;
    }

    /// <summary>A relation in scope by the name that qualifies its columns; null if there is none.</summary>
    private ScopeItem? FindItem(Scope origin, string? schema, string name, Location location, out int levels)
    {
        levels = 0;
        Relation? relation = null;
        if (schema is not null && (relation = _context.Schema.FindRelation(schema, name)) is null)
        {
            return null;
        }

        for (var scope = origin; scope is not null; scope = scope.Parent, levels++)
        {
            ScopeItem? result = null;
            foreach (var item in scope.Namespace)
            {
                if (!item.NameVisible || (item.LateralOnly && !scope.LateralActive) || !Names(item, relation, name))
                {
                    continue;
                }

                if (result is not null)
                {
                    throw Error(
                        SqlState.AmbiguousAlias, $"table reference {(relation is null ? $"\"{name}\"" : relation.Oid)} is ambiguous", location);
                }

                CheckLateral(scope, item, location);
                result = item;
            }

            if (result is not null)
            {
                return result;
            }
        }

        return null;
    }

    private static bool Names(ScopeItem item, Relation? relation, string name) => relation is null
        ? item.Name == name
        : item.Entry is RelationEntry { Alias: null } entry && entry.Relation.Oid == relation.Oid && item.Name == entry.Name;

    private void CheckLateral(Scope scope, ScopeItem item, Location location)
    {
        if (!item.LateralOnly || item.LateralAllowed)
        {
            return;
        }

        var target = ReferenceEquals(item.Entry, scope.Target?.Entry);
        throw Error(
            SqlState.InvalidColumnReference, $"invalid reference to FROM-clause entry for table \"{item.Name}\"", location,
            target ? NotReferenceable(item.Name) : null,
            target ? null : "The combining JOIN type must be INNER or LEFT for a LATERAL reference.");
    }

    private static string NotReferenceable(string table) =>
        $"There is an entry for table \"{table}\", but it cannot be referenced from this part of the query.";

    /// <summary>
    /// A relation's row as one value. A function that returns one scalar is that scalar; a relation without a row type of its own is a record.
    /// </summary>
    private BoundExpression WholeRow(ScopeItem item, int levels, Location location)
    {
        if (item.Entry is JoinEntry { UsingAlias: { } alias } && alias == item.Name)
        {
            // The alias of USING stands for the merged columns only, so the row is built of them.
            return new RowExpr(ColumnsOf(item, levels, location), ListOf(item.Names.Take(item.Columns.Length)), location);
        }

        return item.Entry switch
        {
            RelationEntry { Relation: { RowType: not 0 } relation } =>
                new Var(item.Relation, 0, levels, new PgType(relation.RowType), 0, location),
            FunctionEntry { Ordinality: false, Functions: [{ Call: var call }] } => IsRowType(call.Type.Oid)
                ? new Var(item.Relation, 0, levels, new PgType(call.Type.Oid), 0, location)
                : new Var(item.Relation, 1, levels, call.Type, call.Collation, location),
            _ => new Var(item.Relation, 0, levels, new PgType(PgTypes.Record), 0, location),
        };
    }

    /// <summary>The name of a column, also of a system column or of the whole row, for messages.</summary>
    public static string NameOfColumn(RangeTableEntry entry, short attribute) => attribute switch
    {
        > 0 => entry.Columns[attribute - 1],
        0 => "*",
        _ => s_systemColumns.First(column => column.Value.Number == attribute).Key,
    };

    /// <summary>All columns of a relation that are not dropped.</summary>
    private static NodeList<BoundExpression> ColumnsOf(ScopeItem item, int levels, Location location) => ListOf<BoundExpression>(
        item.Columns.Where(c => c.Relation != 0).Select(c => new Var(c.Relation, c.Attribute, levels, c.Type, c.Collation, location)));
}

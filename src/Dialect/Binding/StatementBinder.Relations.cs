using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Names of relations, and relations as entries of the range table.</summary>
internal sealed partial class StatementBinder
{
    /// <summary>A relation by its name; null if there is none.</summary>
    private Relation? FindRelation(string? schema, string name)
    {
        if (schema is not null)
        {
            return _context.Schema.FindRelation(schema, name);
        }

        foreach (var candidate in _context.EffectivePath)
        {
            if (_context.Schema.FindRelation(candidate, name) is { } relation)
            {
                return relation;
            }
        }

        return null;
    }

    /// <summary>A relation that a statement reads or writes.</summary>
    private Relation OpenRelation(QualifiedName name, Scope scope)
    {
        if (name.Catalog is { } catalog && catalog != _context.Database)
        {
            throw Error(
                SqlState.FeatureNotSupported, $"cross-database references are not implemented: \"{string.Join('.', name.Parts)}\"", name.Location);
        }

        var relation = FindRelation(name.Schema, name.Name);
        if (relation is null)
        {
            if (name.Schema is not null)
            {
                throw Error(SqlState.UndefinedTable, $"relation \"{name.Schema}.{name.Name}\" does not exist", name.Location);
            }

            throw IsFutureCommonTable(scope, name.Name)
                ? Error(
                    SqlState.UndefinedTable, $"relation \"{name.Name}\" does not exist", name.Location,
                    "Use WITH RECURSIVE, or re-order the WITH items to remove forward references.",
                    $"There is a WITH item named \"{name.Name}\", but it cannot be referenced from this part of the query.")
                : Error(SqlState.UndefinedTable, $"relation \"{name.Name}\" does not exist", name.Location);
        }

        return relation.Kind == RelationKind.Index
            ? throw Error(SqlState.WrongObjectType, $"\"{name.Name}\" is an index", name.Location)
            : relation;
    }

    private ScopeItem AddRelation(Relation relation, TableAlias? alias, bool only, Scope scope, bool inFrom)
    {
        var name = alias?.Name ?? relation.Name;
        var aliases = alias?.Columns ?? [];
        var names = new string[relation.Attributes.Count];
        var columns = new ScopeColumn[names.Length];
        var number = scope.Relations.Count + 1;
        var used = 0;
        for (var i = 0; i < names.Length; i++)
        {
            var attribute = relation.Attributes[i];
            if (attribute.Dropped)
            {
                names[i] = "";
                continue;
            }

            names[i] = used < aliases.Count ? aliases[used++] : attribute.Name;
            columns[i] = new ScopeColumn(number, attribute.Number, attribute.Type, attribute.Collation);
        }

        if (used < aliases.Count)
        {
            throw TooManyAliases("table", name, columns.Count(c => c.Relation != 0), aliases.Count);
        }

        return scope.Add(new RelationEntry(alias, name, [.. names], relation, only), columns, inFrom);
    }

    private static DialectException TooManyAliases(string kind, string name, int available, int specified) => Error(
        SqlState.InvalidColumnReference,
        kind == "join"
            ? $"join expression \"{name}\" has {available} columns available but {specified} columns specified"
            : $"table \"{name}\" has {available} columns available but {specified} columns specified");

    /// <summary>The names of a relation's columns: those of the alias, then its own.</summary>
    private static NodeList<string> NamesOf(string kind, string name, NodeList<string> aliases, IReadOnlyList<string> own) => aliases.Count > own.Count
        ? throw TooManyAliases(kind, name, own.Count, aliases.Count)
        : [.. aliases, .. own.Skip(aliases.Count)];

    /// <summary>A subquery; its columns are those of its select list without the junk.</summary>
    private static ScopeItem AddSubquery(BoundQuery query, TableAlias? alias, string name, bool lateral, Scope scope)
    {
        TargetEntry[] targets = [.. query.Visible];
        var names = NamesOf("table", name, alias?.Columns ?? [], [.. targets.Select(t => t.Name ?? "")]);
        var entry = new SubqueryEntry(alias, name, names, query) { Lateral = lateral, Unnamed = alias is null };
        return scope.Add(entry, ColumnsFor(scope, targets.Select(t => (t.Value.Type, t.Value.Collation))), inFrom: true);
    }

    /// <summary>The columns of a relation that is about to be added.</summary>
    private static ScopeColumn[] ColumnsFor(Scope scope, IEnumerable<(PgType Type, uint Collation)> columns)
    {
        var number = scope.Relations.Count + 1;
        return [.. columns.Select((c, i) => new ScopeColumn(number, (short)(i + 1), c.Type, c.Collation))];
    }

    private static ScopeItem AddCommonTable(CommonTableState table, int levels, TableAlias? alias, Scope scope)
    {
        var self = table.Query is null;
        if (!self)
        {
            table.References++;
        }

        var name = alias?.Name ?? table.Name;
        var names = NamesOf("table", name, alias?.Columns ?? [], table.Names);
        var entry = new CommonTableEntry(alias, name, names, table.Name, levels, self, table.Types, table.Collations);
        return scope.Add(entry, ColumnsFor(scope, table.Types.Zip(table.Collations)), inFrom: true);
    }

    private static CommonTableState? FindCommonTable(Scope origin, string name, out int levels)
    {
        levels = 0;
        for (var scope = origin; scope is not null; scope = scope.Parent, levels++)
        {
            foreach (var table in scope.CommonTables)
            {
                if (table.Name == name)
                {
                    return table;
                }
            }
        }

        return null;
    }

    private static bool IsFutureCommonTable(Scope origin, string name)
    {
        for (var scope = origin; scope is not null; scope = scope.Parent)
        {
            if (scope.FutureCommonTables.Any(table => table.Name == name))
            {
                return true;
            }
        }

        return false;
    }
}

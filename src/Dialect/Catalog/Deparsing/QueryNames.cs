using System.Globalization;
using Rqlite.Pg.Dialect.Binding;

namespace Rqlite.Pg.Dialect.Catalog.Deparsing;

/// <summary>The names under which a query's relations are printed, each once in the query and those around it.</summary>
internal sealed class QueryNames
{
    private QueryNames(BoundQuery? query, string?[] names, Relation? relation)
    {
        Query = query;
        Relations = names;
        Single = relation;
    }

    /// <summary>Null for an expression that stands in no query.</summary>
    public BoundQuery? Query { get; }

    /// <summary>By <see cref="Var.Relation"/> less one; null for a join without an alias.</summary>
    public IReadOnlyList<string?> Relations { get; }

    /// <summary>The only relation of an expression that stands in no query.</summary>
    public Relation? Single { get; }

    public static QueryNames Of(Relation? relation) => new(null, [], relation);

    /// <summary>The relation as the schema has it, which may be another one than that in which a query was bound.</summary>
    public static Relation Current(Relation relation, ISchema schema) => schema.FindRelation(relation.Oid) ?? relation;

    /// <param name="bound">The schema in which the query was bound, if that is another one than that whose names are printed.</param>
    public static QueryNames Of(BoundQuery query, IEnumerable<QueryNames> around, ISchema schema, ISchema? bound)
    {
        var taken = around.SelectMany(names => names.Relations).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var names = new string?[query.Relations.Count];
        for (var i = 0; i < names.Length; i++)
        {
            var relation = query.Relations[i];
            if (relation is JoinEntry { Alias: null } || relation.Unnamed)
            {
                continue;
            }

            var name = relation is RelationEntry entry && (entry.Alias is null || IsMadeUp(entry, taken, schema, bound))
                ? Current(entry.Relation, schema).Name
                : relation.Alias?.Name ?? relation.Name;
            var unique = name;
            for (var number = 1; !taken.Add(unique); number++)
            {
                unique = string.Create(CultureInfo.InvariantCulture, $"{ObjectNames.Clip(name, ObjectNames.BytesMax - 11)}_{number}");
            }

            names[i] = unique;
        }

        return new QueryNames(query, names, null);
    }

    /// <summary>
    /// True for an alias that was made up when the text was printed, since the table's name was taken: now it follows the table's new name.
    /// </summary>
    private static bool IsMadeUp(RelationEntry entry, HashSet<string> taken, ISchema schema, ISchema? bound)
    {
        var alias = entry.Alias!;
        return bound?.FindRelation(entry.Relation.Oid)?.Name is { } former && alias.Columns.Count == 0
            && taken.Contains(Current(entry.Relation, schema).Name) && alias.Name.StartsWith(former + "_", StringComparison.Ordinal)
            && alias.Name.AsSpan(former.Length + 1) is { Length: > 0 } number && !number.ContainsAnyExceptInRange('0', '9');
    }
}

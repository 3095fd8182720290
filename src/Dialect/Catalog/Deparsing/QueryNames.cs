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

    public static QueryNames Of(BoundQuery query, IEnumerable<QueryNames> around)
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

            var name = relation.Alias?.Name ?? relation.Name;
            var unique = name;
            for (var number = 1; !taken.Add(unique); number++)
            {
                unique = string.Create(CultureInfo.InvariantCulture, $"{ObjectNames.Clip(name, ObjectNames.BytesMax - 11)}_{number}");
            }

            names[i] = unique;
        }

        return new QueryNames(query, names, null);
    }
}

using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>The operators of ORDER BY, GROUP BY and DISTINCT (PostgreSQL's get_sort_group_operators and typcache.c).</summary>
internal sealed partial class Resolver
{
    private const uint ArrayEqual = 1070;
    private const uint RecordEqual = 2988;

    private readonly Dictionary<uint, SortOperators> _sortOperators = [];

    /// <summary>The operators of a type's default order.</summary>
    /// <exception cref="DialectException">42883: the type lacks one that is needed.</exception>
    public SortOperators SortOperators(uint type, bool needLess, bool needEqual, Location location)
    {
        var found = FindSortOperators(type);
        if (needLess && found.Less is null)
        {
            throw _context.Error(
                "42883", $"could not identify an ordering operator for type {_types.Format(type)}", location,
                "Use an explicit ordering operator or modify the query.");
        }

        return needEqual && found.Equal is null
            ? throw _context.Error("42883", $"could not identify an equality operator for type {_types.Format(type)}", location)
            : found;
    }

    /// <summary>The operator of <c>ORDER BY x USING op</c> with the equality that goes with it.</summary>
    /// <param name="descending">The operator is a family's &gt;.</param>
    /// <exception cref="DialectException">42809: the operator orders nothing.</exception>
    public (PgOperator Order, PgOperator Equal) OrderingOperator(NodeList<string> name, uint type, Location location, out bool descending)
    {
        var order = FindCompatibleOperator(name, type, type, location);
        foreach (var member in OperatorFamilies.FamiliesOf(order.Oid))
        {
            if (member is { Btree: true, Strategy: OperatorFamilies.Less or OperatorFamilies.Greater }
                && OperatorFamilies.Find(true, member.Family, member.Left, member.Right, OperatorFamilies.Equal) is { } equal)
            {
                descending = member.Strategy == OperatorFamilies.Greater;
                return (order, equal);
            }
        }

        throw _context.Error(
            "42809", $"operator {name[^1]} is not a valid ordering operator", location,
            "Ordering operators must be \"<\" or \">\" members of btree operator families.");
    }

    private SortOperators FindSortOperators(uint type)
    {
        type = _types.BaseOf(type);
        if (!_sortOperators.TryGetValue(type, out var found))
        {
            found = LookUpSortOperators(type);
            _sortOperators[type] = found;
        }

        return found;
    }

    private SortOperators LookUpSortOperators(uint type)
    {
        var ordering = DefaultClass(type, btree: true);
        PgOperator? Member(short strategy) => ordering is null ? null
            : OperatorFamilies.Find(true, ordering.Family, ordering.Type, ordering.Type, strategy);

        var equal = Member(OperatorFamilies.Equal) ?? (DefaultClass(type, btree: false) is { } hash
            ? OperatorFamilies.Find(false, hash.Family, hash.Type, hash.Type, OperatorFamilies.HashEqual) : null);
        var found = new SortOperators(Member(OperatorFamilies.Less), equal, Member(OperatorFamilies.Greater));

        // The operators of arrays and rows need those of what they consist of.
        return found.Equal?.Oid switch
        {
            ArrayEqual => Restrict(found, [_types.ElementOf(type)]),
            RecordEqual when _types.FindOwn(type) is { Kind: 'c' } row => Restrict(found, ColumnsOf(row)),
            _ => found,
        };
    }

    private SortOperators Restrict(SortOperators found, IReadOnlyList<uint> parts)
    {
        foreach (var part in parts)
        {
            var operators = FindSortOperators(part);
            found = new SortOperators(
                operators.Less is null ? null : found.Less, operators.Equal is null ? null : found.Equal,
                operators.Greater is null ? null : found.Greater);
        }

        return found;
    }

    private List<uint> ColumnsOf(TypeInfo row) => _context.Schema.FindRelation(row.RelationOid) is { } relation
        ? [.. relation.Attributes.Where(column => !column.Dropped).Select(column => column.Type.Oid)]
        : [];

    /// <summary>GetDefaultOpClass: the default operator class of the type, or of one that its values are without conversion.</summary>
    private PgOperatorClass? DefaultClass(uint type, bool btree)
    {
        PgOperatorClass? compatible = null;
        PgOperatorClass? preferred = null;
        var (compatibles, preferreds) = (0, 0);
        var category = _types.CategoryOf(type);
        foreach (var candidate in OperatorFamilies.Classes)
        {
            if (candidate.Btree != btree || !candidate.Default)
            {
                continue;
            }

            if (candidate.Type == type)
            {
                return candidate;
            }

            if (!_rules.IsBinaryCoercible(type, candidate.Type))
            {
                continue;
            }

            if (_types.IsPreferred(category, candidate.Type))
            {
                preferreds++;
                preferred = candidate;
            }
            else
            {
                compatibles++;
                compatible = candidate;
            }
        }

        return preferreds == 1 ? preferred : preferreds == 0 && compatibles == 1 ? compatible : null;
    }
}

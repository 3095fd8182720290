using System.Collections.Concurrent;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Operators (PostgreSQL's parse_oper.c).</summary>
internal sealed partial class Resolver
{
    /// <summary>The operators found for built-in types, which are the same in every database.</summary>
    private static readonly ConcurrentDictionary<(string Name, uint Left, uint Right), PgOperator> s_operators = new();

    private readonly Dictionary<(string Name, uint Left, uint Right), PgOperator> _operators = [];

    /// <summary>Makes a call of an operator (make_op).</summary>
    /// <param name="name">The operator's name; with its schema if it was written as <c>OPERATOR(schema.name)</c>.</param>
    /// <param name="left">Null for a prefix operator.</param>
    /// <exception cref="DialectException">42883, 42725: no operator, or more than one, takes such operands.</exception>
    public BoundExpression Operator(NodeList<string> name, BoundExpression? left, BoundExpression right, Location location)
    {
        BoundExpression[] operands = left is null ? [right] : [left, right];
        var found = FindOperator(name, left?.Type.Oid ?? 0, right.Type.Oid, location);
        uint[] declared = left is null ? [found.Right] : [found.Left, found.Right];
        var result = ResolvePolymorphic(OidsOf(operands), declared, found.Result);
        return new OpExpr(found, CoerceArguments(operands, declared), new PgType(result), Collation: 0, InputCollation: 0, location);
    }

    /// <summary>Makes <c>x op ANY (array)</c> or ALL (make_scalar_array_op).</summary>
    public BoundExpression ArrayOperator(NodeList<string> name, bool any, BoundExpression left, BoundExpression array, Location location)
    {
        var actual = array.Type.Oid;
        var element = actual == PgTypes.Unknown ? PgTypes.Unknown : _types.BaseElementOf(actual);
        if (element == 0)
        {
            throw _context.Error("42809", "op ANY/ALL (array) requires array on right side", location);
        }

        var found = FindOperator(name, left.Type.Oid, element, location);
        uint[] declared = [found.Left, found.Right];
        if (ResolvePolymorphic([left.Type.Oid, element], declared, found.Result) != PgTypes.Bool)
        {
            throw _context.Error("42809", "op ANY/ALL (array) requires operator to yield boolean", location);
        }

        // A polymorphic operand takes the array as it is.
        if (TypeLookup.IsPolymorphic(declared[1]))
        {
            declared[1] = actual;
        }
        else
        {
            var type = _types.ArrayOf(declared[1]);
            declared[1] = type != 0 ? type
                : throw _context.Error("42704", $"could not find array type for data type {_types.Format(declared[1])}", location);
        }

        var operands = CoerceArguments([left, array], declared);
        return new ScalarArrayOpExpr(found, any, operands[0], operands[1], InputCollation: 0, location);
    }

    /// <summary>Finds the operator for operands of such types, which may have to be converted to its own (oper, left_oper).</summary>
    /// <param name="left">0 for a prefix operator.</param>
    public PgOperator FindOperator(NodeList<string> name, uint left, uint right, Location location)
    {
        var (schema, local) = Split(name, Location.None);
        if (schema is not null && RequireSchema(schema, location) != "pg_catalog")
        {
            throw NoOperator(name, left, right, ambiguous: false, location);
        }

        var key = (local, left, right);
        if (s_operators.TryGetValue(key, out var found) || _operators.TryGetValue(key, out found))
        {
            return found;
        }

        found = Choose(local, left, right, out var ambiguous) ?? throw NoOperator(name, left, right, ambiguous, location);
        if ((left == 0 || PgTypes.Find(left) is not null) && PgTypes.Find(right) is not null)
        {
            s_operators[key] = found;
        }
        else
        {
            _operators[key] = found;
        }

        return found;
    }

    /// <summary>Finds an operator that takes values of the types as they are (compatible_oper).</summary>
    public PgOperator FindCompatibleOperator(NodeList<string> name, uint left, uint right, Location location)
    {
        var found = FindOperator(name, left, right, location);
        return _rules.IsBinaryCoercible(left, found.Left) && _rules.IsBinaryCoercible(right, found.Right)
            ? found
            : throw _context.Error("42883", $"operator requires run-time type coercion: {Show(name, left, right)}", location);
    }

    private PgOperator? Choose(string name, uint left, uint right, out bool ambiguous)
    {
        ambiguous = false;
        var named = Builtins.OperatorsNamed(name);
        if ((left == 0 ? Exact(named, 0, right) : ExactBinary(named, left, right)) is { } exact)
        {
            return exact;
        }

        var candidates = new List<OperatorCandidate>();
        foreach (var candidate in named)
        {
            if (candidate.Left == 0 == (left == 0))
            {
                candidates.Add(new OperatorCandidate(candidate, left == 0 ? [candidate.Right] : [candidate.Left, candidate.Right]));
            }
        }

        uint[] inputs = left == 0 ? [right] : [left, right];
        var matches = _selection.Match(candidates, inputs);
        if (matches.Count <= 1)
        {
            return matches.Count == 0 ? null : matches[0].Operator;
        }

        var best = _selection.Select(matches, inputs);
        ambiguous = best is null;
        return best?.Operator;
    }

    /// <summary>An operand of unknown type is taken for one of the other's type first.</summary>
    private PgOperator? ExactBinary(IReadOnlyList<PgOperator> named, uint left, uint right)
    {
        var known = left == PgTypes.Unknown ? right : right == PgTypes.Unknown ? left : 0;
        if (known == 0)
        {
            return Exact(named, left, right);
        }

        return Exact(named, known, known) ?? (_types.BaseOf(known) is var under && under != known ? Exact(named, under, under) : null);
    }

    private static PgOperator? Exact(IReadOnlyList<PgOperator> named, uint left, uint right)
    {
        foreach (var candidate in named)
        {
            if (candidate.Left == left && candidate.Right == right)
            {
                return candidate;
            }
        }

        return null;
    }

    private DialectException NoOperator(NodeList<string> name, uint left, uint right, bool ambiguous, Location location)
    {
        var shown = Show(name, left, right);
        return ambiguous
            ? _context.Error(
                "42725", $"operator is not unique: {shown}", location,
                "Could not choose a best candidate operator. You might need to add explicit type casts.")
            : _context.Error(
                "42883", $"operator does not exist: {shown}", location, left == 0
                    ? "No operator matches the given name and argument type. You might need to add an explicit type cast."
                    : "No operator matches the given name and argument types. You might need to add explicit type casts.");
    }

    private string Show(NodeList<string> name, uint left, uint right) =>
        left == 0 ? $"{Join(name)} {_types.Format(right)}" : $"{_types.Format(left)} {Join(name)} {_types.Format(right)}";

    /// <summary>Replaces declared polymorphic types where the actual ones tell them; returns the type of the result.</summary>
    private uint ResolvePolymorphic(uint[] actual, uint[] declared, uint result)
    {
        foreach (var type in declared)
        {
            if (TypeLookup.IsPolymorphic(type))
            {
                return new PolymorphicCheck(_types, _rules).Resolve(actual, declared, actual.Length, result);
            }
        }

        return result;
    }

    /// <summary>The type of an output parameter of a call, where its declared one is polymorphic.</summary>
    public uint OutputType(FuncExpr call, uint declared) => TypeLookup.IsPolymorphic(declared)
        ? ResolvePolymorphic([.. call.Arguments.Select(argument => argument.Type.Oid)], [.. call.Function.Arguments], declared)
        : declared;

    /// <summary>make_fn_arguments.</summary>
    private NodeList<BoundExpression> CoerceArguments(IReadOnlyList<BoundExpression> arguments, uint[] declared)
    {
        var converted = new BoundExpression[arguments.Count];
        for (var i = 0; i < converted.Length; i++)
        {
            converted[i] = CoerceType(
                arguments[i], new PgType(declared[i]), CoercionContext.Implicit, CallForm.ImplicitCast, Location.None);
        }

        return NodeList.Create<BoundExpression>(converted);
    }
}

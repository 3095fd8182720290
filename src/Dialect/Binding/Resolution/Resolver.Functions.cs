using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Functions (PostgreSQL's parse_func.c).</summary>
internal sealed partial class Resolver
{
    private const int ArgumentsMax = 100;

    /// <summary>Finds what a call means.</summary>
    /// <param name="names">The name of each argument, null for a positional one; empty if none is named.</param>
    /// <param name="variadic">The last argument is marked VARIADIC.</param>
    /// <param name="nameLocations">Where the named arguments begin; by default where their values do.</param>
    /// <exception cref="DialectException">
    /// 42725: more than one function takes such arguments; 42804: polymorphic types do not agree.
    /// </exception>
    public FunctionMatch Function(
        NodeList<string> name, IReadOnlyList<BoundExpression> arguments, IReadOnlyList<string?> names, bool variadic, Location location,
        IReadOnlyList<Location>? nameLocations = null)
    {
        if (arguments.Count > ArgumentsMax)
        {
            throw _context.Error("54023", $"cannot pass more than {ArgumentsMax} arguments to a function", location);
        }

        var given = CheckNames(arguments, names, nameLocations);
        var actual = OidsOf(arguments);
        var (schema, local) = Split(name, location);
        var within = schema is null ? "pg_catalog" : RequireSchema(schema, location);
        var candidates = FunctionCandidates.Find(Builtins.FunctionsNamed(within, local), actual.Length, given, variadic);
        var best = candidates.Find(candidate => candidate.Arguments.AsSpan(0, actual.Length).SequenceEqual(actual));
        if (best is null)
        {
            if (arguments.Count == 1 && given.Count == 0 && FindCast(name, arguments[0]) is not 0 and var target)
            {
                var type = new PgType(target);
                var converted = CoerceType(arguments[0], type, CoercionContext.Explicit, CallForm.Call, location);
                return new FunctionMatch(null, [converted], type, Variadic: false, type);
            }

            best = ChooseFunction(candidates, name, arguments, names, location);
        }

        if (best is { Function: null })
        {
            throw NotUnique(name, arguments, names, location);
        }

        // Mixed notation may put a VARIADIC argument into another place than the last.
        return best is null || (given.Count > 0 && variadic && best.Order![actual.Length - 1] != actual.Length - 1)
            ? new FunctionMatch(null, arguments, default, variadic, null)
            : Complete(best, arguments, actual, variadic);
    }

    /// <summary>The error for a call that nothing takes.</summary>
    public DialectException NotFound(
        NodeList<string> name, IReadOnlyList<BoundExpression> arguments, IReadOnlyList<string?> names, Location location) => _context.Error(
        "42883", $"function {Show(name, arguments, names)} does not exist", location,
        "No function matches the given name and argument types. You might need to add explicit type casts.");

    /// <summary>A call as messages show it (func_signature_string).</summary>
    public string Show(NodeList<string> name, IReadOnlyList<BoundExpression> arguments, IReadOnlyList<string?> names) =>
        $"{Join(name)}({string.Join(", ", arguments.Select((argument, i) =>
            (i < names.Count && names[i] is { } label ? $"{label} => " : "") + _types.Format(argument.Type.Oid)))})";

    private DialectException NotUnique(
        NodeList<string> name, IReadOnlyList<BoundExpression> arguments, IReadOnlyList<string?> names, Location location) => _context.Error(
        "42725", $"function {Show(name, arguments, names)} is not unique", location,
        "Could not choose a best candidate function. You might need to add explicit type casts.");

    private List<string> CheckNames(
        IReadOnlyList<BoundExpression> arguments, IReadOnlyList<string?> names, IReadOnlyList<Location>? locations)
    {
        var given = new List<string>();
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i] is not { } name)
            {
                if (given.Count > 0)
                {
                    throw _context.Error(
                        "42601", "positional argument cannot follow named argument", ExpressionTree.LocationOf(arguments[i]));
                }
            }
            else if (given.Contains(name))
            {
                throw _context.Error(
                    "42601", $"argument name \"{name}\" used more than once", locations?[i] ?? ExpressionTree.LocationOf(arguments[i]));
            }
            else
            {
                given.Add(name);
            }
        }

        return given;
    }

    /// <summary>
    /// The type that the call's name is, if the call is a cast to it: of a literal to any type, else only where no function of that name
    /// would do it.
    /// </summary>
    private uint FindCast(NodeList<string> name, BoundExpression argument)
    {
        var (schema, local) = Split(name, Location.None);
        var target = schema is null ? _types.FindInPath(local) : _types.FindNamed(schema, local);
        if (target == 0 || _types.Find(target) is { Kind: 'c' })
        {
            return 0;
        }

        var source = argument.Type.Oid;
        if (argument is Const && source == PgTypes.Unknown)
        {
            return target;
        }

        return _rules.Find(source, target, CoercionContext.Explicit, out _) switch
        {
            CoercionPath.Relabel => target,
            CoercionPath.ViaText when _types.CategoryOf(target) != 'S' || !(source == PgTypes.Record || _types.IsComposite(source)) => target,
            _ => 0,
        };
    }

    private FunctionCandidate? ChooseFunction(
        List<FunctionCandidate> candidates, NodeList<string> name, IReadOnlyList<BoundExpression> arguments, IReadOnlyList<string?> names,
        Location location)
    {
        var inputs = OidsOf(arguments);
        var matches = _selection.Match(candidates, inputs);
        return matches.Count switch
        {
            0 => null,
            1 => matches[0],
            _ => _selection.Select(matches, inputs) ?? throw NotUnique(name, arguments, names, location),
        };
    }

    /// <summary>Converts the arguments, adds those that have defaults, and gathers the variadic ones.</summary>
    private FunctionMatch Complete(FunctionCandidate candidate, IReadOnlyList<BoundExpression> arguments, uint[] actual, bool variadic)
    {
        var function = candidate.Function!;
        uint[] declared = [.. candidate.Arguments];
        uint[] all = [.. actual, .. declared[actual.Length..]];
        var result = ResolvePolymorphic(all, declared, function.ReturnType);
        List<BoundExpression> converted = [.. CoerceArguments(arguments, declared)];
        for (var i = actual.Length; i < declared.Length; i++)
        {
            converted.Add(DefaultOf(function, candidate.Order?[i] ?? i, declared[i]));
        }

        if (candidate.Order is { } order)
        {
            converted = Reorder(converted, order);
        }

        variadic &= function.VariadicType != 0;
        if (candidate.Expanded > 0 && function.VariadicType != PgTypes.Any)
        {
            Gather(converted, candidate.Expanded);
            variadic = true;
        }

        if (variadic && function.VariadicType == PgTypes.Any && candidate.Expanded == 0 && actual.Length > 0
            && _types.BaseElementOf(actual[^1]) == 0)
        {
            throw _context.Error("42804", "VARIADIC argument must be an array", ExpressionTree.LocationOf(arguments[^1]));
        }

        return new FunctionMatch(function, converted, new PgType(result), variadic, null);
    }

    private static List<BoundExpression> Reorder(List<BoundExpression> arguments, int[] order)
    {
        var ordered = new BoundExpression[arguments.Count];
        for (var i = 0; i < order.Length; i++)
        {
            ordered[order[i]] = arguments[i];
        }

        return [.. ordered];
    }

    private void Gather(List<BoundExpression> arguments, int count)
    {
        var items = arguments.GetRange(arguments.Count - count, count);
        var location = ExpressionTree.FirstOf(items);
        var element = items[0].Type.Oid;
        var array = _types.ArrayOf(element);
        if (array == 0)
        {
            throw _context.Error("42704", $"could not find array type for data type {_types.Format(element)}", location);
        }

        arguments.RemoveRange(arguments.Count - count, count);
        var type = new PgType(array, CommonModifier(items, element));
        arguments.Add(new ArrayExpr(
            NodeList.Create<BoundExpression>(items.ToArray()), Multidimensional: false, type, Collation: 0, location));
    }

    /// <summary>The value of an argument that the call leaves out; the defaults of built-in functions are constants.</summary>
    private Const DefaultOf(PgFunction function, int place, uint type)
    {
        var text = function.DefaultValues[place - (function.Arguments.Count - function.Defaults)];
        var value = Parser.ParseExpression(text) switch
        {
            TypeCast { Operand: Constant constant } => constant.Text,
            Constant constant => constant.Text,
            _ => throw new InvalidOperationException($"The default {text} of {function.Signature} is no constant."),
        };
        return new Const(_literals.Read(value, new PgType(type)), new PgType(type), _types.CollationOf(type), Location.None);
    }
}

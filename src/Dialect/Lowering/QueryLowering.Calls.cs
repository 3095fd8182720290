using System.Globalization;
using System.Runtime.CompilerServices;
using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>Calls of functions, each as its implementation says.</content>
internal sealed partial class QueryLowering
{
    private readonly Dictionary<BoundExpression, bool> _constants = new(ReferenceEqualityComparer.Instance);

    /// <summary>The expression that is being written stands in a subquery that runs once a statement.</summary>
    private bool _once;

    private void WriteFunction(FuncExpr call)
    {
        if (IsNull(call.Function, call.Arguments))
        {
            _sql.Add("NULL");
            return;
        }

        if (call.Function.Volatility == Volatility.Stable && !_once && IsOncePerStatement(call))
        {
            WriteOnce(() => WriteCallOf(call));
            return;
        }

        if (call.Function.Volatility == Volatility.Volatile)
        {
            // SQLite looks at an operand with a query in it after the other one, which may spare it the volatile function.
            var once = _once;
            _once = true;
            WriteCallOf(call);
            _once = once;
            return;
        }

        WriteCallOf(call);
    }

    private void WriteCallOf(FuncExpr call)
    {
        if (call.ReturnsSet)
        {
            throw AreNotSupported($"set-returning functions here ({call.Function.Name})", call.Location);
        }

        if (!WriteSpecial(call.Function, call.Arguments, call))
        {
            WriteImplementation(call.Function, call.Arguments, call.Variadic, call.Location);
        }
    }

    /// <summary>A strict call with a NULL among its arguments, of which PostgreSQL does not call the others, whatever they do.</summary>
    private bool IsNull(PgFunction? function, NodeList<BoundExpression> arguments) => _context.Volatile && function is { Strict: true, ReturnsSet: false }
        && arguments.Any(static argument => argument is Const { Text: null }) && arguments.Any(Trees.IsVolatile);

    private void WriteOperator(OpExpr op)
    {
        if (_context.Volatile && IsNull(Builtins.FindFunction(op.Operator.Code), op.Arguments))
        {
            _sql.Add("NULL");
            return;
        }

        if (op.Arguments.Count == 2 && Comparisons.Find(op.Operator, op.Arguments[0].Type, op.Arguments[1].Type, Schema) is { } comparison)
        {
            WriteComparison(comparison, op.Arguments[0], op.Arguments[1]);
            return;
        }

        var function = Builtins.FindFunction(op.Operator.Code)
            ?? throw NotSupported($"operator {op.Operator.Name}", op.Location);
        var call = new FuncExpr(function, op.Arguments, CallForm.Call, false, op.Type, op.Collation, op.InputCollation, op.Location);
        if (function.Volatility == Volatility.Stable && !_once && IsOncePerStatement(call))
        {
            WriteOnce(() => WriteOperatorCall(function, op, call));
            return;
        }

        WriteOperatorCall(function, op, call);
    }

    private void WriteOperatorCall(PgFunction function, OpExpr op, FuncExpr call)
    {
        if (!WriteSpecial(function, op.Arguments, call))
        {
            WriteImplementation(function, op.Arguments, false, op.Location);
        }
    }

    private void WriteImplementation(PgFunction function, NodeList<BoundExpression> arguments, bool variadic, Location location)
    {
        switch (Implementations.Find(function.Oid))
        {
            case NativeTemplate native when _context.InDefinition && function.Volatility != Volatility.Immutable
                && native.Template.Contains("SELECT ", StringComparison.Ordinal):
                throw NotSupported($"function {function.Signature} in definitions of the schema", location);
            case NativeTemplate native:
                WriteTemplate(native.Template, Padded(function, arguments));
                break;
            case RuntimeFunction when _context.HasMoment && ClockFunctions.AtMoment(function) is { } clock:
                _asksSession |= function.Name == "timeofday";
                _sql.Add(clock).Add("(");
                WriteMoment();
                _sql.Add(")");
                break;
            case RuntimeFunction runtime:
                _asksSession |= function.Volatility == Volatility.Stable;
                _sql.Name(runtime.Body.Name).Add("(");
                WriteArguments(function, arguments, variadic, carriesTypes: true);
                _sql.Add(")");
                break;
            default:
                throw Refused(function, location);
        }
    }

    private DialectException Refused(PgFunction function, Location location) => Implementations.Find(function.Oid) is ResultFunction
        ? ResultCallExtraction.Refuse(function, "here", _context.Position(location))
        : NotSupported($"function {function.Signature}", location);

    /// <summary>Writes the arguments of a call, and behind them their types where the function asks for these.</summary>
    private void WriteArguments(PgFunction function, NodeList<BoundExpression> arguments, bool variadic, bool carriesTypes)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            _sql.Add(i > 0 ? ", " : "");
            WriteArgument(function, arguments[i]);
        }

        if (carriesTypes && function.Arguments.Any(IsPolymorphic))
        {
            _sql.Add(arguments.Count > 0 ? ", '" : "'").Add(TypesOf(function, arguments, variadic)).Add("'");
        }
    }

    private void WriteArgument(PgFunction function, BoundExpression argument)
    {
        if (IsRow(argument) && TakesJson(function))
        {
            WriteRowJson(argument);
        }
        else
        {
            Write(Padded(function, argument));
        }
    }

    private static NodeList<BoundExpression> Padded(PgFunction function, NodeList<BoundExpression> arguments) =>
        s_padded.Contains(function.Source) ? [.. arguments.Select(argument => Padded(function, argument))] : arguments;

    /// <summary>A char(n) with the blanks that are not stored, for a function that sees them.</summary>
    private static BoundExpression Padded(PgFunction function, BoundExpression argument) =>
        argument.Type is { Oid: PgTypes.BpChar, Modifier: > 4 } && s_padded.Contains(function.Source) ? new PaddedText(argument) : argument;

    private void WritePadded(PaddedText padded)
    {
        _sql.Add("pg_pad(");
        Write(padded.Value);
        _sql.Add(", ").Add(padded.Value.Type.Modifier - 4).Add(")");
    }

    private static readonly HashSet<string> s_padded = new(StringComparer.Ordinal)
    {
        "bpcharoctetlen", "textlike", "textnlike", "texticlike", "texticnlike", "textregexeq", "textregexne", "texticregexeq", "texticregexne",
        "bpcharlike", "bpcharnlike",
    };

    // Not a part of its callers, whose frames count for every level of an expression.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TakesJson(PgFunction function) => function.Name.Contains("json", StringComparison.Ordinal);

    /// <summary>The types of a call's arguments as its body reads them: OIDs with their modifiers, and v in front of a VARIADIC array.</summary>
    private string TypesOf(PgFunction function, NodeList<BoundExpression> arguments, bool variadic)
    {
        var types = arguments.Select(argument =>
        {
            return TypeText(!IsRow(argument) ? StoredTypes.Carried(argument.Type, Schema)
                : TakesJson(function) ? JsonValues.RowAsJson : new PgType(PgTypes.Record));
        });
        return (variadic && function.VariadicType == PgTypes.Any ? "v" : "") + string.Join(' ', types);
    }

    private static string TypeText(PgType type) => type.Modifier < 0
        ? type.Oid.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{type.Oid}:{type.Modifier}");

    private static bool IsPolymorphic(uint type) => type is PgTypes.AnyElement or PgTypes.AnyArray or PgTypes.AnyNonArray or PgTypes.AnyEnum
        or PgTypes.AnyRange or PgTypes.AnyMultirange or PgTypes.AnyCompatible or PgTypes.AnyCompatibleArray or PgTypes.AnyCompatibleNonArray
        or StoredTypes.AnyCompatibleRange or StoredTypes.AnyCompatibleMultirange or PgTypes.Any or PgTypes.Record or PgTypes.RecordArray;

    /// <summary>
    /// Writes SQL with the arguments in their places: {0} and so on, {t0} for the OID of an argument's type, {c0} for its COLLATE clause.
    /// </summary>
    private void WriteTemplate(string template, NodeList<BoundExpression> arguments)
    {
        if (arguments.Count == 1 && CountOf(template, "{0}") > 1 && !IsSimple(arguments[0]))
        {
            WriteLet(arguments[0], argument => WriteTemplateBody(template, [argument]));
            return;
        }

        for (var i = 0; i < arguments.Count; i++)
        {
            if (!IsSimple(arguments[i]) && CountOf(template, $"{{{i}}}") > 1)
            {
                WriteTemplateOverRow(template, arguments);
                return;
            }
        }

        WriteTemplateBody(template, arguments);
    }

    /// <summary>A template that names arguments several times: they are computed once, as the columns of a row.</summary>
    private void WriteTemplateOverRow(string template, NodeList<BoundExpression> arguments)
    {
        if (_context.InDefinition)
        {
            throw AreNotSupported("expressions of this form in definitions of the schema", arguments[0].Location);
        }

        if (arguments.Any(StaysInPlace))
        {
            WriteRepeated(arguments.Where(static argument => !IsSimple(argument)), () => WriteTemplateBody(template, arguments));
            return;
        }

        WriteRowOf(arguments, values => WriteTemplateBody(template, values));
    }

    /// <summary>Computes values once, in their order, for an expression over them.</summary>
    private void WriteLetAll(NodeList<BoundExpression> values, Action<NodeList<BoundExpression>> writeBody)
    {
        if (_context.InDefinition)
        {
            throw AreNotSupported("expressions of this form in definitions of the schema", values[0].Location);
        }

        if (values.FirstOrDefault(StaysInPlace) is { } aggregated)
        {
            throw AreNotSupported("aggregates and window functions in such an expression", aggregated.Location);
        }

        WriteRowOf(values, writeBody);
    }

    private void WriteRowOf(NodeList<BoundExpression> values, Action<NodeList<BoundExpression>> writeBody)
    {
        var alias = NextAlias();
        _sql.Add("(SELECT ");
        writeBody([.. values.Select((value, i) => new Fragment($"{alias}.x{i}", value.Type, value.Collation))]);
        _sql.Add(" FROM (SELECT ");
        for (var i = 0; i < values.Count; i++)
        {
            _sql.Add(i > 0 ? ", " : "");
            Write(values[i]);
            _sql.Add($" AS x{i}");
        }

        WriteAnchor(_context.Volatile && values.Any(Trees.IsVolatile));
        _sql.Add(") AS ").Add(alias).Add(")");
    }

    private void WriteTemplateBody(string template, NodeList<BoundExpression> arguments)
    {
        var wraps = !IsOperand(template);
        var levels = HeightOf(template);
        _sql.Enter(levels);
        _sql.Add(wraps ? "(" : "");
        WriteTemplateParts(template, arguments);
        _sql.Add(wraps ? ")" : "");
        _sql.Leave(levels);
    }

    private void WriteTemplateParts(ReadOnlySpan<char> template, NodeList<BoundExpression> arguments)
    {
        var rest = template;
        while (rest.IndexOf('{') is var open and >= 0)
        {
            _sql.Add(rest[..open]);
            var close = rest.IndexOf('}');
            var name = rest[(open + 1)..close];
            var kind = name[0] is 't' or 'c' ? name[0] : '\0';
            var argument = arguments[int.Parse(kind == '\0' ? name : name[1..], NumberStyles.None, CultureInfo.InvariantCulture)];
            switch (kind)
            {
                case 't':
                    _sql.Add(IsEnum(argument) ? EnumOf(argument) : StoredTypes.Carried(argument.Type, Schema).Oid);
                    break;
                case 'c':
                    AddCollation(CollationOf(argument));
                    break;
                default:
                    Write(argument);
                    break;
            }

            rest = rest[(close + 1)..];
        }

        _sql.Add(rest);
    }

    private static int CountOf(string text, string part)
    {
        var count = 0;
        for (var at = text.IndexOf(part, StringComparison.Ordinal); at >= 0; at = text.IndexOf(part, at + 1, StringComparison.Ordinal))
        {
            count++;
        }

        return count;
    }

    /// <summary>A single call, or something in parentheses.</summary>
    private static bool IsOperand(string template)
    {
        var open = template.IndexOf('(', StringComparison.Ordinal);
        if (open < 0 || !template.EndsWith(')') || template.AsSpan(0, open).IndexOfAnyExcept(s_nameCharacters) >= 0)
        {
            return template.AsSpan().IndexOfAnyExcept(s_nameCharacters) < 0 || template == "{0}";
        }

        var depth = 0;
        for (var i = open; i < template.Length - 1; i++)
        {
            depth += template[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (depth == 0)
            {
                return false;
            }
        }

        return true;
    }

    private static readonly System.Buffers.SearchValues<char> s_nameCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_\"");

    /// <summary>How many levels a template may add to the height of its arguments; rather too many.</summary>
    private static int HeightOf(string template)
    {
        var (deepest, depth, operators) = (0, 0, 0);
        foreach (var c in template)
        {
            depth += c switch { '(' => 1, ')' => -1, _ => 0 };
            deepest = Math.Max(deepest, depth);
            operators += c == ' ' ? 1 : 0;
        }

        return deepest + Math.Min(operators, 4);
    }

    /// <summary>The value is the same for all rows of the statement, but only when it runs: it is computed in a subquery of its own, once.</summary>
    private bool IsOncePerStatement(BoundExpression expression) => !_context.InDefinition && expression switch
    {
        FuncExpr f => f.Function.Source != "pg_typeof" && f.Arguments.All(IsConstant),
        CoerceViaIOExpr c => IsConstant(c.Argument) && (DependsOnSession(StoredTypes.Carried(c.Type, Schema).Oid)
            || DependsOnSession(StoredTypes.Carried(c.Argument.Type, Schema).Oid)),
        _ => false,
    };

    private bool IsConstant(BoundExpression expression)
    {
        if (_constants.TryGetValue(expression, out var known))
        {
            return known;
        }

        var constant = expression switch
        {
            Const or Param or SqlValueExpr => true,
            Var or Aggref or WindowFunc or SubLink or CaseTestExpr or Fragment or TestedBy or FieldSelectExpr or PaddedText or JsonArrayField => false,
            FuncExpr { Function.Volatility: Volatility.Volatile } or FuncExpr { ReturnsSet: true } => false,
            OpExpr o when Builtins.FindFunction(o.Operator.Code)?.Volatility == Volatility.Volatile => false,
            _ => Trees.Children(expression).All(IsConstant),
        };
        _constants.Add(expression, constant);
        return constant;
    }

    private sealed record PaddedText(BoundExpression Value) : BoundExpression(Value.Type, Value.Collation, Value.Location);

    private void WriteOnce(Action write)
    {
        _once = true;
        _sql.Add("(SELECT ");
        _sql.Enter();
        write();
        _sql.Leave();
        _sql.Add(")");
        _once = false;
    }
}

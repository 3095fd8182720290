using System.Text;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The parts of a function's declaration.</summary>
internal static class RoutineTexts
{
    public static void Register(FunctionRegistry registry)
    {
        registry.Call("pg_get_function_arguments(oid)", (in FunctionCall call) => Describe(call, f => Arguments(f, defaults: true, output: true)));
        registry.Call("pg_get_function_identity_arguments(oid)", (in FunctionCall call) =>
            Describe(call, f => Arguments(f, defaults: false, output: false)));
        registry.Call("pg_get_function_result(oid)", (in FunctionCall call) => Describe(call, Result));
        registry.Call("pg_get_function_arg_default(oid,integer)", (in FunctionCall call) =>
        {
            var number = call.Int32(1);
            Describe(call, function => Default(function, number));
        });
        registry.Call("pg_get_function_sqlbody(oid)", (in FunctionCall call) => call.ReturnOrNull(FunctionDetails.BodyOf(call.Oid(0))));
        registry.Call("pg_get_functiondef(oid)", (in FunctionCall call) => Describe(call, RoutineDefinitions.Create));
        registry.Session("oidvectortypes(oidvector)", (in FunctionCall call) =>
        {
            var names = call.Names();
            call.ReturnText(string.Join(", ", call.String(0).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text =>
                names.TypeName(uint.Parse(text, System.Globalization.CultureInfo.InvariantCulture)))));
        });
    }

    private static void Describe(in FunctionCall call, Func<PgFunction, string?> text) =>
        call.ReturnOrNull(Builtins.FindFunction(call.Oid(0)) is { } function ? text(function) : null);

    public static string Arguments(PgFunction function, bool defaults, bool output)
    {
        var types = function.AllTypes.Count > 0 ? function.AllTypes : function.Arguments;
        var text = new StringBuilder();
        var input = 0;
        for (var i = 0; i < types.Count; i++)
        {
            var mode = function.AllTypes.Count > 0 ? function.Modes[i] : 'i';
            input += mode is 'i' or 'b' or 'v' ? 1 : 0;
            if (mode == 't' || (mode == 'o' && !output))
            {
                continue;
            }

            text.Append(text.Length > 0 ? ", " : "").Append(mode switch { 'o' => "OUT ", 'b' => "INOUT ", 'v' => "VARIADIC ", _ => "" });
            if (function.Names.ElementAtOrDefault(i) is { Length: > 0 } name)
            {
                text.Append(Identifiers.Quote(name)).Append(' ');
            }

            text.Append(TypeFormat.Name(types[i]));
            if (defaults && mode is 'i' or 'b' or 'v' && DefaultOf(function, input) is { } value)
            {
                text.Append(" DEFAULT ").Append(value);
            }
        }

        return text.ToString();
    }

    public static string? Result(PgFunction function)
    {
        if (function.Kind == 'p')
        {
            return null;
        }

        if (function.ReturnsSet && function.Modes.Contains('t', StringComparison.Ordinal))
        {
            var columns = Enumerable.Range(0, function.AllTypes.Count).Where(i => function.Modes[i] == 't')
                .Select(i => $"{Identifiers.Quote(function.Names[i])} {TypeFormat.Name(function.AllTypes[i])}");
            return $"TABLE({string.Join(", ", columns)})";
        }

        return (function.ReturnsSet ? "SETOF " : "") + TypeFormat.Name(function.ReturnType);
    }

    /// <param name="number">The argument among all, from 1.</param>
    private static string? Default(PgFunction function, int number)
    {
        if (number < 1 || number > (function.AllTypes.Count > 0 ? function.AllTypes.Count : function.Arguments.Count))
        {
            return null;
        }

        var input = function.AllTypes.Count == 0 ? number : function.Modes.Take(number).Count(mode => mode is 'i' or 'b' or 'v');
        return function.AllTypes.Count > 0 && function.Modes[number - 1] is 'o' or 't' ? null : DefaultOf(function, input);
    }

    // The last input arguments have the defaults.
    private static string? DefaultOf(PgFunction function, int input) =>
        function.DefaultValues.ElementAtOrDefault(input - 1 - (function.Arguments.Count - function.DefaultValues.Count));
}

using System.Globalization;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog.InformationSchema;

/// <summary>The built-in functions that can be used, and their parameters.</summary>
internal static class Routines
{
    private const uint CLanguage = 13;
    private const uint SqlLanguage = 14;

    public static IEnumerable<SqlTable> Create(WorkingFunctions working)
    {
        yield return InfoBuilder.For<PgFunction>("routines")
            .Catalog("specific_catalog", "routine_catalog")
            .Same("pg_catalog", "specific_schema", "routine_schema")
            .Key("specific_name", SpecificName)
            .Key("routine_name", function => function.Name)
            .Column("routine_type", function => function.Kind switch { 'f' => "FUNCTION", 'p' => "PROCEDURE", _ => Cell.Null })
            .Column("data_type", (function, view) => Result(function, view).DataType)
            .Column("type_udt_catalog", (_, view) => view.Database)
            .Column("type_udt_schema", (function, view) => Result(function, view).UdtSchema)
            .Column("type_udt_name", (function, view) => Result(function, view).UdtName)
            .Same("0", "dtd_identifier")
            .Column("routine_body", function => FunctionDetails.Of(function.Oid).Language == SqlLanguage ? "SQL" : "EXTERNAL")
            .Column("routine_definition", function => function.Source)
            .Column("external_name", function => FunctionDetails.Of(function.Oid).Language == CLanguage ? function.Source : Cell.Null)
            .Column("external_language", function => FunctionDetails.Of(function.Oid).Language switch
            {
                CLanguage => "C",
                SqlLanguage => "SQL",
                _ => "INTERNAL",
            })
            .Same("GENERAL", "parameter_style")
            .Column("is_deterministic", function => InfoBuilder.YesNo(function.Volatility == Volatility.Immutable))
            .Same("MODIFIES", "sql_data_access")
            .Column("is_null_call", function => function.Kind == 'p' ? Cell.Null : InfoBuilder.YesNo(function.Strict))
            .Same("YES", "schema_level_routine")
            .Same(0, "max_dynamic_result_sets")
            .Same("INVOKER", "security_type")
            .Same("NO", "as_locator", "is_udt_dependent")
            .OthersNull()
            .Common(() => Builtins.Functions.Where(working.IsListed))
            .Build();
        yield return InfoBuilder.For<Parameter>("parameters")
            .Catalog("specific_catalog")
            .Same("pg_catalog", "specific_schema")
            .Key("specific_name", row => SpecificName(row.Function))
            .Column("ordinal_position", row => row.Place)
            .Column("parameter_mode", row => row.Mode switch { 'o' or 't' => "OUT", 'b' => "INOUT", _ => "IN" })
            .Same("NO", "is_result", "as_locator")
            .Column("parameter_name", row => row.Function.Names.ElementAtOrDefault(row.Place - 1) is { Length: > 0 } name ? name : Cell.Null)
            .Column("data_type", (row, view) => new InfoType(view.Snapshot, new PgType(row.Type)).DataType)
            .Column("udt_catalog", (_, view) => view.Database)
            .Column("udt_schema", (row, view) => new InfoType(view.Snapshot, new PgType(row.Type)).UdtSchema)
            .Column("udt_name", (row, view) => new InfoType(view.Snapshot, new PgType(row.Type)).UdtName)
            .Column("dtd_identifier", row => InfoType.Number(row.Place))
            .Column("parameter_default", row => row.Default)
            .OthersNull()
            .Common(() => Builtins.Functions.Where(working.IsListed).SelectMany(ParametersOf))
            .Build();
    }

    private static InfoType Result(PgFunction function, CatalogView view) => new(view.Snapshot, new PgType(function.ReturnType));

    private static Cell SpecificName(PgFunction function)
    {
        var number = function.Oid.ToString(CultureInfo.InvariantCulture);
        return $"{ObjectNames.Clip(function.Name, ObjectNames.BytesMax - number.Length - 1)}_{number}";
    }

    private static IEnumerable<Parameter> ParametersOf(PgFunction function)
    {
        var types = function.AllTypes.Count > 0 ? function.AllTypes : function.Arguments;
        var input = 0;
        for (var i = 0; i < types.Count; i++)
        {
            var mode = function.AllTypes.Count > 0 ? function.Modes[i] : 'i';
            var isInput = mode is 'i' or 'b' or 'v';
            input += isInput ? 1 : 0;

            // The last input arguments have the defaults.
            var fromDefault = input - 1 - (function.Arguments.Count - function.DefaultValues.Count);
            yield return new Parameter(function, i + 1, mode, types[i], isInput && fromDefault >= 0 ? function.DefaultValues[fromDefault] : null);
        }
    }

    private sealed record Parameter(PgFunction Function, int Place, char Mode, uint Type, string? Default);
}

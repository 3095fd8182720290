using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Dialect.Runtime.Text;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>
/// The order of enums' labels, which are what is stored. Only the catalog knows it, and it may change while a view's text stays.
/// </summary>
internal static class EnumFunctions
{
    private static readonly object s_orders = new();

    public static void Register(FunctionRegistry registry)
    {
        registry.Helper("pg_enum_order", 2, Order, Purity.Stable, asksSession: false);
        registry.Helper("pg_enum_label", 2, Label, Purity.Stable, asksSession: false);
        registry.Helper("pg_enum_range", 3, Range, Purity.Stable, strict: false, asksSession: false);
        foreach (var signature in (string[])
        [
            "enum_first(anyenum)", "enum_last(anyenum)", "enum_range(anyenum)", "enum_range(anyenum,anyenum)", "enum_larger(anyenum,anyenum)",
            "enum_smaller(anyenum,anyenum)", "max(anyenum)", "min(anyenum)",
        ])
        {
            registry.Special(signature);
        }
    }

    /// <summary>A type's OID and a label: a number that grows in the order of the labels.</summary>
    private static void Order(in FunctionCall call)
    {
        if (Labels(call).TryGetValue(call.String(1), out var order))
        {
            call.Return((long)order);
        }
    }

    /// <summary>A type's OID and the number of a label.</summary>
    private static void Label(in FunctionCall call)
    {
        var order = call.Integer(1);
        foreach (var (label, number) in Labels(call))
        {
            if (number == order)
            {
                call.ReturnText(label);
                return;
            }
        }
    }

    /// <summary>A type's OID and two labels: those from the first to the second as an array; null stands for no bound.</summary>
    private static void Range(in FunctionCall call)
    {
        var labels = Labels(call);
        var (first, last) = (0, int.MaxValue);
        if (!call.IsNull(1))
        {
            labels.TryGetValue(call.String(1), out first);
        }

        if (!call.IsNull(2))
        {
            labels.TryGetValue(call.String(2), out last);
        }

        var output = Arguments.TakeBuffer();
        JsonTexts.WriteArray(labels.Where(label => label.Value >= first && label.Value <= last).OrderBy(label => label.Value).Select(label => label.Key), output);
        call.ReturnText(output.WrittenSpan);
    }

    private static Dictionary<string, int> Labels(in FunctionCall call)
    {
        var snapshot = call.View().Snapshot;
        return (Dictionary<string, int>)snapshot.Made.GetOrAdd(
            (s_orders, (int)call.Integer(0)), static (key, types) => Number(types.FindType((uint)key.Key)), snapshot);
    }

    private static Dictionary<string, int> Number(TypeInfo? type) => (type?.Labels ?? []).OrderBy(label => label.Order)
        .Select((label, i) => (label.Label, i)).ToDictionary(pair => pair.Label, pair => pair.i, StringComparer.Ordinal);
}

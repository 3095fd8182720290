using System.Collections.Frozen;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Runtime.Aggregates;
using Rqlite.Pg.Dialect.Runtime.Casts;
using Rqlite.Pg.Dialect.Runtime.Numbers;
using Rqlite.Pg.Dialect.Runtime.Operators;
using Rqlite.Pg.Dialect.Runtime.Text;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>How SQLite carries out the functions of pg_proc, and what every connection has to know for that.</summary>
public static class Implementations
{
    private static readonly Lazy<Composed> s_composed = new(Compose);

    /// <summary>For StorageOptions.Sql.</summary>
    public static SqlExtensions Extensions => s_composed.Value.Extensions;

    /// <summary>The functions that work; all others are refused.</summary>
    public static IEnumerable<PgFunction> Functions => s_composed.Value.ByFunction.Values.Select(i => i.Function);

    internal static IReadOnlyCollection<Implementation> All => s_composed.Value.ByFunction.Values;

    /// <summary>Null for a function that is refused.</summary>
    internal static Implementation? Find(uint functionOid) => s_composed.Value.ByFunction.GetValueOrDefault(functionOid);

    private static Composed Compose()
    {
        var registry = new FunctionRegistry();
        Action<FunctionRegistry>[] registrars =
        [
            TypeCollations.Register,
            Comparisons.Register,
            MomentComparisons.Register,
            OrderFunctions.Register,
            IntegerFunctions.Register,
            NumericFunctions.Register,
            FloatFunctions.Register,
            TranscendentalFunctions.Register,
            WidthBucket.Register,
            HashFunctions.Register,
            NumberCasts.Register,
            TextCasts.Register,
            TextFunctions.Register,
            SubstringFunctions.Register,
            QuoteFunctions.Register,
            EncodingFunctions.Register,
            ConcatFunctions.Register,
            UnicodeFunctions.Register,
            ByteaFunctions.Register,
            BitFunctions.Register,
            NetworkFunctions.Register,
            MacAddressFunctions.Register,
            IdentifierFunctions.Register,
            SendFunctions.Register,
            NumericAggregates.Register,
            FloatAggregates.Register,
            RegressionAggregates.Register,
            SimpleAggregates.Register,
            ConcatAggregates.Register,
            OrderedSetAggregates.Register,
            DateFunctions.Register,
            TimestampFunctions.Register,
            IntervalFunctions.Register,
            FieldFunctions.Register,
            ConstructionFunctions.Register,
            ZoneFunctions.Register,
            ClockFunctions.Register,
            TimeCasts.Register,
            OverlapFunctions.Register,
            FrameFunctions.Register,
            LikeFunctions.Register,
            RegularFunctions.Register,
            JsonAccess.Register,
            JsonbFunctions.Register,
            JsonBuilders.Register,
            JsonAggregates.Register,
            JsonPathFunctions.Register,
            ArrayFunctions.Register,
            ArrayChanges.Register,
            ArrayTextFunctions.Register,
            RangeFunctions.Register,
            MultirangeFunctions.Register,
            FormattingFunctions.Register,
            SizeFunctions.Register,
            SeriesSets.Register,
            ArraySets.Register,
            JsonSets.Register,
            RegularSets.Register,
            SystemSets.Register,
            Lowering.LoweringFunctions.Register,
            Catalog.CatalogFunctions.Register,
        ];
        foreach (var register in registrars)
        {
            register(registry);
        }

        return new Composed(registry.Implementations.ToFrozenDictionary(), registry.ToExtensions());
    }

    private sealed record Composed(FrozenDictionary<uint, Implementation> ByFunction, SqlExtensions Extensions);
}

using System.Collections.Frozen;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Aggregates, subqueries, and functions that need a collation.</summary>
internal sealed partial class CollationWalker
{
    private const string Comparison = "string comparison";
    private const string Pattern = "regular expression";

    /// <summary>What functions of pg_proc use a collation for, by their bodies' names.</summary>
    private static readonly FrozenDictionary<string, string> s_uses = new Dictionary<string, string>
    {
        ["texteq"] = Comparison, ["textne"] = Comparison, ["text_lt"] = Comparison, ["text_le"] = Comparison, ["text_gt"] = Comparison,
        ["text_ge"] = Comparison, ["text_larger"] = Comparison, ["text_smaller"] = Comparison, ["bttextcmp"] = Comparison,
        ["bpchareq"] = Comparison, ["bpcharne"] = Comparison, ["bpcharlt"] = Comparison, ["bpcharle"] = Comparison,
        ["bpchargt"] = Comparison, ["bpcharge"] = Comparison, ["bpchar_larger"] = Comparison, ["bpchar_smaller"] = Comparison,
        ["bpcharcmp"] = Comparison, ["textpos"] = Comparison, ["replace_text"] = Comparison, ["split_part"] = Comparison,
        ["text_starts_with"] = Comparison,
        ["lower"] = "lower() function", ["upper"] = "upper() function", ["initcap"] = "initcap() function",
        ["texticlike"] = "ILIKE", ["texticnlike"] = "ILIKE", ["bpchariclike"] = "ILIKE", ["bpcharicnlike"] = "ILIKE",
        ["textregexeq"] = Pattern, ["textregexne"] = Pattern, ["texticregexeq"] = Pattern, ["texticregexne"] = Pattern,
        ["bpcharregexeq"] = Pattern, ["bpcharregexne"] = Pattern, ["bpcharicregexeq"] = Pattern, ["bpcharicregexne"] = Pattern,
        ["textregexsubstr"] = Pattern, ["textregexreplace_noopt"] = Pattern, ["textregexreplace"] = Pattern, ["regexp_match"] = Pattern,
        ["regexp_matches"] = Pattern, ["regexp_split_to_table"] = Pattern, ["regexp_split_to_array"] = Pattern, ["regexp_count"] = Pattern,
        ["regexp_instr"] = Pattern, ["regexp_like"] = Pattern, ["regexp_substr"] = Pattern,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>
    /// PostgreSQL raises this when the function is called, so not for an empty table; here it is raised at once, lest a collation is
    /// taken that nobody chose.
    /// </summary>
    private static void RequireCollation(in CollationState local, uint function)
    {
        if (local.Strength == CollationStrength.Conflict && Builtins.FindFunction(function) is { } called
            && s_uses.TryGetValue(called.Source, out var use))
        {
            throw Indeterminate(use);
        }
    }

    private static void RequireComparison(in CollationState local)
    {
        if (local.Strength == CollationStrength.Conflict)
        {
            throw Indeterminate(Comparison);
        }
    }

    private static DialectException Indeterminate(string use) => new(
        "42P22", $"could not determine which collation to use for {use}", hint: "Use the COLLATE clause to set the collation explicitly.");

    private TargetEntry WalkTarget(TargetEntry target, ref CollationState parent)
    {
        var local = default(CollationState);
        var value = Walk(target.Value, ref local);
        if (local.Strength == CollationStrength.Conflict && target.SortReference != 0)
        {
            throw Mismatch(local);
        }

        Merge(ref parent, local);
        return ReferenceEquals(value, target.Value) ? target : target with { Value = value };
    }

    private Aggref WalkAggregate(Aggref aggregate, ref CollationState parent)
    {
        var local = default(CollationState);
        aggregate = aggregate.Aggregate.Kind switch
        {
            'h' => WalkHypothetical(aggregate, ref local),
            'o' => WalkOrderedSet(aggregate, ref local),
            _ => aggregate with { Arguments = WalkArguments(aggregate.Arguments, plain: true, ref local) },
        };
        aggregate = aggregate with { Filter = AssignOptional(aggregate.Filter) };
        RequireCollation(local, aggregate.Function.Oid);
        return aggregate with { Collation = Settle(aggregate, local, ref parent), InputCollation = InputOf(local) };
    }

    private Aggref WalkOrderedSet(Aggref aggregate, ref CollationState local)
    {
        var direct = Walk(aggregate.Direct, ref local);
        return aggregate with
        {
            Direct = direct,
            Arguments = MergesOrder(aggregate)
                ? WalkArguments(aggregate.Arguments, plain: false, ref local) : Collations.Each(aggregate.Arguments, Assign),
        };
    }

    /// <summary>The order of a single aggregated column decides the collation of the whole.</summary>
    private static bool MergesOrder(Aggref aggregate) => aggregate.Arguments.Count == 1 && aggregate.Function.VariadicType == 0;

    /// <param name="plain">A plain aggregate, whose arguments that only order do not count.</param>
    private NodeList<TargetEntry> WalkArguments(NodeList<TargetEntry> arguments, bool plain, ref CollationState local)
    {
        var walked = new TargetEntry[arguments.Count];
        for (var i = 0; i < walked.Length; i++)
        {
            walked[i] = plain && arguments[i].Junk ? Assign(arguments[i]) : WalkTarget(arguments[i], ref local);
        }

        return NodeList.Create<TargetEntry>(walked);
    }

    /// <summary>Each hypothetical value has one collation with the column that it is compared with.</summary>
    private Aggref WalkHypothetical(Aggref aggregate, ref CollationState local)
    {
        var direct = new BoundExpression[aggregate.Direct.Count];
        var arguments = new TargetEntry[aggregate.Arguments.Count];
        var extra = direct.Length - arguments.Length;
        for (var i = 0; i < extra; i++)
        {
            direct[i] = Walk(aggregate.Direct[i], ref local);
        }

        for (var i = 0; i < arguments.Length; i++)
        {
            var pair = default(CollationState);
            direct[extra + i] = Walk(aggregate.Direct[extra + i], ref pair);
            var value = Walk(aggregate.Arguments[i].Value, ref pair);
            if (pair.Strength == CollationStrength.Conflict)
            {
                throw Mismatch(pair);
            }

            arguments[i] = aggregate.Arguments[i] with
            {
                Value = pair.Collation == 0 || pair.Collation == value.Collation ? value
                    : new RelabelExpr(value, CallForm.ImplicitCast, value.Type, pair.Collation, Location.None),
            };
            if (MergesOrder(aggregate))
            {
                Merge(ref local, pair);
            }
        }

        return aggregate with
        {
            Direct = NodeList.Create<BoundExpression>(direct), Arguments = NodeList.Create<TargetEntry>(arguments),
        };
    }

    /// <summary>A subquery stands for its first column; operands of a comparison are compared with its columns one by one.</summary>
    private SubLink WalkSubLink(SubLink link, ref CollationState parent)
    {
        var columns = link.Query.Visible.Take(Math.Max(1, link.Left.Count)).ToArray();
        var left = new BoundExpression[link.Left.Count];
        var conversions = link.Columns.Span.ToArray();
        for (var i = 0; i < left.Length; i++)
        {
            var pair = default(CollationState);
            left[i] = Walk(link.Left[i], ref pair);
            if (i < columns.Length)
            {
                MergeColumn(columns[i], ref pair);
            }

            if (i < conversions.Length)
            {
                conversions[i] = Walk(conversions[i], ref pair);
            }

            if (i < link.Operators.Count)
            {
                RequireCollation(pair, link.Operators[i].Code);
            }
        }

        var local = default(CollationState);
        if (columns.Length > 0)
        {
            MergeColumn(columns[0], ref local);
        }

        return link with
        {
            Left = NodeList.Create<BoundExpression>(left), Columns = NodeList.Create<BoundExpression>(conversions),
            Collation = Settle(link, local, ref parent),
        };
    }

    private void MergeColumn(TargetEntry column, ref CollationState state) => Merge(
        ref state, column.Value.Collation, column.Value.Collation != 0 ? CollationStrength.Implicit : CollationStrength.None,
        ExpressionTree.LocationOf(column.Value));
}

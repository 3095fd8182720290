using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>DEFERRABLE and INITIALLY DEFERRED, which PostgreSQL's grammar keeps as constraints behind the one that they belong to.</summary>
internal static class ConstraintAttributes
{
    /// <summary>The constraints with their attributes, in order.</summary>
    public static List<TableConstraint> Apply(Definition definition, NodeList<TableConstraint> written)
    {
        var result = new List<TableConstraint>();
        var (sawDeferrable, sawInitially) = (false, false);
        foreach (var constraint in written)
        {
            var last = result.Count > 0 ? result[^1] : null;
            switch (constraint.Kind)
            {
                case ConstraintKind.Deferrable or ConstraintKind.NotDeferrable:
                    var word = constraint.Kind == ConstraintKind.Deferrable ? "DEFERRABLE" : "NOT DEFERRABLE";
                    Require(definition, last, sawDeferrable, word, "DEFERRABLE/NOT DEFERRABLE", constraint);
                    sawDeferrable = true;
                    result[^1] = last! with { Deferrable = constraint.Kind == ConstraintKind.Deferrable };
                    RequireDeferrable(definition, result[^1], sawDeferrable, constraint);
                    break;
                case ConstraintKind.InitiallyDeferred or ConstraintKind.InitiallyImmediate:
                    var deferred = constraint.Kind == ConstraintKind.InitiallyDeferred;
                    Require(
                        definition, last, sawInitially, deferred ? "INITIALLY DEFERRED" : "INITIALLY IMMEDIATE", "INITIALLY IMMEDIATE/DEFERRED",
                        constraint);
                    sawInitially = true;
                    result[^1] = last! with { InitiallyDeferred = deferred, Deferrable = last.Deferrable || (deferred && !sawDeferrable) };
                    RequireDeferrable(definition, result[^1], sawDeferrable, constraint);
                    break;
                default:
                    (sawDeferrable, sawInitially) = (false, false);
                    result.Add(constraint);
                    break;
            }
        }

        return result;
    }

    private static void Require(
        Definition definition, TableConstraint? last, bool seen, string word, string words, TableConstraint attribute)
    {
        if (last?.Kind is not (ConstraintKind.PrimaryKey or ConstraintKind.Unique or ConstraintKind.ForeignKey or ConstraintKind.Exclusion))
        {
            throw definition.Error(SqlState.SyntaxError, $"misplaced {word} clause", attribute.Location);
        }

        if (seen)
        {
            throw definition.Error(SqlState.SyntaxError, $"multiple {words} clauses not allowed", attribute.Location);
        }
    }

    private static void RequireDeferrable(Definition definition, TableConstraint constraint, bool saw, TableConstraint attribute)
    {
        if (saw && constraint.InitiallyDeferred && !constraint.Deferrable)
        {
            throw definition.Error(SqlState.SyntaxError, "constraint declared INITIALLY DEFERRED must be DEFERRABLE", attribute.Location);
        }
    }
}

namespace Rqlite.Pg.Dialect.Syntax;

public sealed partial class Writer
{
    private bool WriteRoutineStatement(Statement statement)
    {
        switch (statement)
        {
            case CreateFunctionStatement f:
                WriteCreateFunction(f);
                return true;
            case ReturnStatement r:
                Add("RETURN");
                WriteExpression(r.Value);
                return true;
            case AlterFunctionStatement f:
                Add("ALTER " + WordsOf(f.Kind));
                WriteObject(f.Kind, f.Function);
                WriteFunctionOptions(f.Options);
                return true;
            case CreateTriggerStatement t:
                WriteCreateTrigger(t);
                return true;
            case CreateRuleStatement r:
                WriteCreateRule(r);
                return true;
            case CreatePolicyStatement p:
                Add("CREATE POLICY");
                AddName(p.Name);
                Add("ON");
                WriteName(p.Table.Parts);
                AddIf(p.Restrictive, "AS RESTRICTIVE");
                AddIf(p.Command is not null, "FOR " + p.Command?.ToUpperInvariant());
                WritePolicyRest(p.Roles, p.Using, p.Check);
                return true;
            case AlterPolicyStatement p:
                Add("ALTER POLICY");
                AddName(p.Name);
                Add("ON");
                WriteName(p.Table.Parts);
                WritePolicyRest(p.Roles, p.Using, p.Check);
                return true;
            default:
                return false;
        }
    }

    private void WritePolicyRest(NodeList<RoleName> roles, Expression? use, Expression? check)
    {
        if (roles.Count > 0)
        {
            Add("TO");
            WriteList(roles, WriteRole);
        }

        if (use is not null)
        {
            Add("USING");
            WriteParenthesized(use);
        }

        if (check is not null)
        {
            Add("WITH CHECK");
            WriteParenthesized(check);
        }
    }

    private void WriteParameter(FunctionParameter parameter)
    {
        AddIf(parameter.Mode == ParameterMode.In, "IN");
        AddIf(parameter.Mode == ParameterMode.Out, "OUT");
        AddIf(parameter.Mode == ParameterMode.InOut, "INOUT");
        AddIf(parameter.Mode == ParameterMode.Variadic, "VARIADIC");
        if (parameter.Name is { } name)
        {
            AddName(name);
        }

        WriteType(parameter.Type);
        WriteWhere("DEFAULT", parameter.Default);
    }

    private void WriteCreateFunction(CreateFunctionStatement function)
    {
        Add(function.OrReplace ? "CREATE OR REPLACE" : "CREATE");
        Add(function.Procedure ? "PROCEDURE" : "FUNCTION");
        WriteName(function.Name);
        WriteParenthesized(function.Parameters, WriteParameter);
        if (function.Returns is { } returns)
        {
            Add("RETURNS");
            WriteType(returns);
        }

        if (function.ReturnsTable is { } table)
        {
            Add("RETURNS TABLE");
            WriteParenthesized(table, WriteParameter);
        }

        WriteFunctionOptions(function.Options);
        WriteWhere("RETURN", function.Return);
        if (function.Body is not { } body)
        {
            return;
        }

        Add("BEGIN ATOMIC");
        foreach (var statement in body)
        {
            WriteStatement(statement);
            Attach(";");
        }

        Add("END");
    }

    private void WriteFunctionOptions(NodeList<Option> options)
    {
        foreach (var option in options)
        {
            WriteFunctionOption(option);
        }
    }

    private void WriteFunctionOption(Option option)
    {
        var text = (option.Value as Constant)?.Text;
        switch (option.Name)
        {
            case "as":
                Add("AS");
                WriteList(((ValueList)option.Value!).Items, WriteOptionValue);
                break;
            case "language":
                Add("LANGUAGE " + Literal(text!));
                break;
            case "window":
                Add("WINDOW");
                break;
            case "transform":
                Add("TRANSFORM");
                WriteList(((ValueList)option.Value!).Items, item =>
                {
                    Add("FOR TYPE");
                    WriteOptionValue(item);
                });
                break;
            case "strict":
                Add(text == "true" ? "STRICT" : "CALLED ON NULL INPUT");
                break;
            case "volatility":
                Add(text!.ToUpperInvariant());
                break;
            case "security":
                Add(text == "true" ? "SECURITY DEFINER" : "SECURITY INVOKER");
                break;
            case "leakproof":
                Add(text == "true" ? "LEAKPROOF" : "NOT LEAKPROOF");
                break;
            case "parallel":
                Add("PARALLEL " + Quote(text!));
                break;
            case "set":
                WriteSet((SetStatement)option.Value!);
                break;
            default:
                Add(option.Name.ToUpperInvariant());
                WriteOptionValue(option.Value);
                break;
        }
    }

    private void WriteCreateTrigger(CreateTriggerStatement trigger)
    {
        Add(trigger.OrReplace ? "CREATE OR REPLACE" : "CREATE");
        Add(trigger.Constraint ? "CONSTRAINT TRIGGER" : "TRIGGER");
        AddName(trigger.Name);
        Add(trigger.Timing == TriggerTiming.Before ? "BEFORE" : trigger.Timing == TriggerTiming.After ? "AFTER" : "INSTEAD OF");
        for (var i = 0; i < trigger.Events.Count; i++)
        {
            AddIf(i > 0, "OR");
            Add(trigger.Events[i].Name);
            if (trigger.Events[i].Columns.Count > 0)
            {
                Add("OF");
                WriteNames(trigger.Events[i].Columns);
            }
        }

        Add("ON");
        WriteName(trigger.Table.Parts);
        if (trigger.From is { } from)
        {
            Add("FROM");
            WriteName(from.Parts);
        }

        AddIf(trigger.Deferrable, "DEFERRABLE");
        AddIf(trigger.InitiallyDeferred, "INITIALLY DEFERRED");
        AddIf(trigger.Transitions.Count > 0, "REFERENCING");
        foreach (var transition in trigger.Transitions)
        {
            Add(transition.New ? "NEW" : "OLD");
            Add(transition.Table ? "TABLE AS" : "ROW AS");
            AddName(transition.Name);
        }

        AddIf(trigger.ForEachRow, "FOR EACH ROW");
        if (trigger.When is { } when)
        {
            Add("WHEN");
            WriteParenthesized(when);
        }

        Add("EXECUTE FUNCTION");
        WriteName(trigger.Function);
        WriteParenthesized(trigger.Arguments, AddLiteral);
    }

    private void WriteCreateRule(CreateRuleStatement rule)
    {
        Add(rule.OrReplace ? "CREATE OR REPLACE RULE" : "CREATE RULE");
        AddName(rule.Name);
        Add("AS ON " + rule.Event + " TO");
        WriteName(rule.Table.Parts);
        WriteWhere("WHERE", rule.Where);
        Add(rule.Instead ? "DO INSTEAD" : "DO ALSO");
        if (rule.Actions.Count == 0)
        {
            Add("NOTHING");
            return;
        }

        Open();
        for (var i = 0; i < rule.Actions.Count; i++)
        {
            if (i > 0)
            {
                Attach(";");
            }

            WriteStatement(rule.Actions[i]);
        }

        Close();
    }
}

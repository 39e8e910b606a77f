"""How USAspending.gov names and shapes the fields of an award, in its API and in its files: for its source alone."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.items import AWARD_FIELDS
from spiders._notices import Layout

AWARD_ID = "award_id"


@dataclass(frozen=True, slots=True)
class AwardLayout(Layout):
    """A layout whose fields are `award_id` and AWARD_FIELDS."""

    def __post_init__(self) -> None:
        if unknown := set(self.fields.values()) - {*AWARD_FIELDS, AWARD_ID}:
            raise ValueError(f"not among AWARD_FIELDS: {sorted(unknown)}")


def _names(words: str) -> tuple[str, ...]:
    return tuple(words.split())


def _below(place: str, words: str) -> tuple[str, ...]:
    return tuple(f"{place}.{name}" for name in _names(words))


_LOCATION = "address_line1 address_line2 address_line3 city_name state_name zip5 foreign_province country_name"
_LOCATION_CODES = "location_country_code state_code county_code county_name congressional_code zip4 foreign_postal_code"
# The answer to /api/v2/awards/<id>/. Executives' names and pay are out of scope, as contacts are; so is what the
# Treasury's accounts say of it, and what the answer says a second time (hierarchies of codes, slugs, hashes).
SUMMARY = AwardLayout(
    {
        "generated_unique_award_id": AWARD_ID, "piid": "piid", "category": "category", "type_description": "type",
        "description": "description", "total_obligation": "total_obligated", "base_exercised_options": "value",
        "base_and_all_options": "potential_value", "date_signed": "signed",
        "parent_award.piid": "parent_piid", "parent_award.sub_agency_id": "parent_agency_code",
        "awarding_agency.toptier_agency.name": "agency", "awarding_agency.toptier_agency.code": "agency_code",
        "awarding_agency.subtier_agency.name": "sub_agency", "awarding_agency.subtier_agency.code": "sub_agency_code",
        "awarding_agency.office_agency_name": "office", "funding_agency.toptier_agency.name": "funding_agency",
        "funding_agency.subtier_agency.name": "funding_sub_agency", "funding_agency.office_agency_name":
        "funding_office", "recipient.recipient_name": "recipient", "recipient.recipient_uei": "recipient_uei",
        "recipient.recipient_unique_id": "recipient_duns", "recipient.parent_recipient_name": "recipient_parent",
        **dict.fromkeys(_below("recipient.location", _LOCATION), "recipient_location"),
        **dict.fromkeys(_below("place_of_performance", _LOCATION), "place_of_performance"),
        "period_of_performance.start_date": "starts", "period_of_performance.end_date": "ends",
        "period_of_performance.potential_end_date": "ends_potentially",
        "period_of_performance.last_modified_date": "modified",
        **{f"latest_transaction_contract_data.{name}": field for name, field in {
            "solicitation_identifier": "solicitation", "product_or_service_code": "psc",
            "product_or_service_description": "psc_name", "naics": "naics", "naics_description": "naics_name",
            "type_of_contract_pricing_description": "pricing", "extent_competed_description": "competition",
            "solicitation_procedures_description": "competition", "other_than_full_and_open_description":
            "competition", "fair_opportunity_limited_description": "competition",
            "number_of_offers_received": "offers", "type_set_aside_description": "set_aside"}.items()},
    },
    (
        "id", "type", "subaward_count", "total_subaward_amount", "total_account_outlay", "total_account_obligation",
        "account_outlays_by_defc", "account_obligations_by_defc", "total_outlay", "executive_details",
        "psc_hierarchy", "naics_hierarchy",
        *_below("parent_award", "agency_id agency_name agency_slug sub_agency_name award_id idv_type_description "
                "generated_unique_award_id multiple_or_single_aw_desc type_of_idc_description"),
        *(name for agency in ("awarding_agency", "funding_agency") for name in _below(
            agency, "id has_agency_page toptier_agency.abbreviation toptier_agency.slug subtier_agency.abbreviation")),
        "funding_agency.toptier_agency.code", "funding_agency.subtier_agency.code",
        *_below("recipient", "recipient_hash parent_recipient_hash parent_recipient_uei parent_recipient_unique_id "
                "business_categories"),
        *_below("recipient.location", _LOCATION_CODES), *_below("place_of_performance", _LOCATION_CODES),
        *_below("latest_transaction_contract_data",
                "idv_type_description type_of_idc_description referenced_idv_agency_iden referenced_idv_agency_desc "
                "solicitation_procedures extent_competed type_set_aside evaluated_preference fed_biz_opps "
                "evaluated_preference_description fed_biz_opps_description small_business_competitive "
                "sea_transportation sea_transportation_description clinger_cohen_act_planning "
                "clinger_cohen_act_planning_description labor_standards labor_standards_description "
                "cost_or_pricing_data cost_or_pricing_data_description domestic_or_foreign_entity "
                "domestic_or_foreign_entity_description foreign_funding foreign_funding_description major_program "
                "program_acronym subcontracting_plan subcontracting_plan_description multi_year_contract "
                "multi_year_contract_description consolidated_contract consolidated_contract_description "
                "type_of_contract_pricing national_interest_action national_interest_action_description "
                "multiple_or_single_award_description other_than_full_and_open fair_opportunity_limited "
                "commercial_item_acquisition commercial_item_acquisition_description commercial_item_test_program "
                "commercial_item_test_program_description dod_claimant_program dod_claimant_program_description "
                "dod_acquisition_program dod_acquisition_program_description "
                "information_technology_commercial_item_category "
                "information_technology_commercial_item_category_description construction_wage_rate "
                "construction_wage_rate_description materials_supplies materials_supplies_description "
                "interagency_contracting_authority interagency_contracting_authority_description "
                "price_evaluation_adjustment purchase_card_as_payment_method "
                "purchase_card_as_payment_method_description"),
    ),
)  # fmt: skip
# One row of /api/v2/transactions/. The two about loans, and the catalogue of assistance, say nothing of contracts.
TRANSACTION = AwardLayout(
    {
        "type_description": "type", "action_date": "action_date", "action_type": "action_code",
        "action_type_description": "action_type", "modification_number": "modification",
        "description": "description", "federal_action_obligation": "obligated",
    },
    ("id", "type", "face_value_loan_guarantee", "original_loan_subsidy_cost", "cfda_number"),
)  # fmt: skip
# What an award's own answer says of every action on it: the rows of transactions say none of it.
OF_THE_AWARD = frozenset({
    "piid", "parent_piid", "parent_agency_code", "category", "recipient", "recipient_uei", "recipient_duns",
    "recipient_parent", "recipient_location", "agency", "agency_code", "sub_agency", "sub_agency_code", "office",
    "funding_agency", "funding_sub_agency", "funding_office", "type", "pricing", "psc", "psc_name", "naics",
    "naics_name", "solicitation", "competition", "offers", "set_aside", "place_of_performance", "url",
})  # fmt: skip

_FILE_FIELDS = {
    "award_id_piid": "piid", "modification_number": "modification", "transaction_number": "transaction",
    "parent_award_agency_id": "parent_agency_code", "parent_award_id": "parent_piid",
    "federal_action_obligation": "obligated", "base_and_exercised_options_value": "action_value",
    "current_total_value_of_award": "value", "base_and_all_options_value": "action_potential_value",
    "potential_total_value_of_award": "potential_value", "action_date": "action_date",
    "period_of_performance_start_date": "starts", "period_of_performance_current_end_date": "ends",
    "period_of_performance_potential_end_date": "ends_potentially", "ordering_period_end_date": "ends",
    "awarding_agency_code": "agency_code", "awarding_agency_name": "agency",
    "awarding_sub_agency_code": "sub_agency_code", "awarding_sub_agency_name": "sub_agency",
    "awarding_office_code": "office_code", "awarding_office_name": "office", "funding_agency_name": "funding_agency",
    "funding_sub_agency_name": "funding_sub_agency", "funding_office_name": "funding_office",
    "recipient_duns": "recipient_duns", "recipient_name": "recipient",
    "recipient_doing_business_as_name": "recipient_trade_name", "recipient_parent_name": "recipient_parent",
    **dict.fromkeys(("recipient_address_line_1", "recipient_address_line_2", "recipient_city_name",
                     "recipient_state_name", "recipient_zip_4_code", "recipient_country_name"), "recipient_location"),
    **{f"primary_place_of_performance_{part}": "place_of_performance" for part in (
        "city_name", "county_name", "state_name", "zip_4", "country_name")},
    "award_or_idv_flag": "category", "award_type": "type", "idv_type": "type", "type_of_idc": "type",
    "type_of_contract_pricing": "pricing", "award_description": "description", "action_type_code": "action_code",
    "action_type": "action_type", "solicitation_identifier": "solicitation", "product_or_service_code": "psc",
    "product_or_service_code_description": "psc_name", "naics_code": "naics", "naics_description": "naics_name",
    "extent_competed": "competition", "solicitation_procedures": "competition",
    "other_than_full_and_open_competition": "competition", "fair_opportunity_limited_sources": "competition",
    "number_of_offers_received": "offers", "type_of_set_aside": "set_aside", "last_modified_date": "modified",
}  # fmt: skip
# Codes beside words, clauses of the acquisition regulation, what sort of business the recipient is, and its contacts.
_CODED = _names(
    "award_type idv_type multiple_or_single_award_idv type_of_contract_pricing contract_bundling "
    "recovered_materials_sustainability domestic_or_foreign_entity information_technology_commercial_item_category "
    "epa_designated_product country_of_product_or_service_origin place_of_manufacture subcontracting_plan "
    "extent_competed solicitation_procedures type_of_set_aside evaluated_preference research type_of_idc "
    "fair_opportunity_limited_sources other_than_full_and_open_competition commercial_item_acquisition_procedures "
    "commercial_item_test_program a76_fair_act_action fed_biz_opps local_area_set_aside clinger_cohen_act_planning "
    "materials_supplies_articles_equipment labor_standards construction_wage_rate_requirements "
    "interagency_contracting_authority parent_award_type parent_award_single_or_multiple national_interest_action "
    "cost_or_pricing_data cost_accounting_standards_clause gfe_gfp sea_transportation undefinitized_action "
    "consolidated_contract performance_based_service_acquisition multi_year_contract contract_financing "
    "purchase_card_as_payment_method contingency_humanitarian_or_peacekeeping_operation"
)
_LEFT_OUT = _names(
    "parent_award_agency_name parent_award_modification_number funding_agency_code funding_sub_agency_code "
    "funding_office_code foreign_funding foreign_funding_description sam_exception sam_exception_description cage_code "
    "recipient_parent_duns recipient_country_code recipient_state_code recipient_congressional_district "
    "recipient_phone_number recipient_fax_number primary_place_of_performance_country_code "
    "primary_place_of_performance_state_code primary_place_of_performance_congressional_district number_of_actions "
    "dod_claimant_program_code dod_claimant_program_description dod_acquisition_program_code "
    "dod_acquisition_program_description small_business_competitiveness_demonstration_program "
    "price_evaluation_adjustment_preference_percent_difference other_statutory_authority program_acronym "
    "major_program fiscal_year "
    "alaskan_native_owned_corporation_or_firm american_indian_owned_business indian_tribe_federally_recognized "
    "native_hawaiian_owned_business tribally_owned_business veteran_owned_business "
    "service_disabled_veteran_owned_business woman_owned_business women_owned_small_business "
    "economically_disadvantaged_women_owned_small_business joint_venture_women_owned_small_business "
    "joint_venture_economic_disadvantaged_women_owned_small_bus minority_owned_business "
    "subcontinent_asian_asian_indian_american_owned_business asian_pacific_american_owned_business "
    "black_american_owned_business hispanic_american_owned_business native_american_owned_business "
    "other_minority_owned_business contracting_officers_determination_of_business_size "
    "contracting_officers_determination_of_business_size_code emerging_small_business "
    "community_developed_corporation_owned_firm labor_surplus_area_firm us_federal_government "
    "federally_funded_research_and_development_corp federal_agency us_state_government us_local_government "
    "city_local_government county_local_government inter_municipal_local_government local_government_owned "
    "municipality_local_government school_district_local_government township_local_government us_tribal_government "
    "foreign_government organizational_type corporate_entity_not_tax_exempt corporate_entity_tax_exempt "
    "partnership_or_limited_liability_partnership sole_proprietorship small_agricultural_cooperative "
    "international_organization us_government_entity community_development_corporation domestic_shelter "
    "educational_institution foundation hospital_flag manufacturer_of_goods veterinary_hospital "
    "hispanic_servicing_institution receives_contracts receives_grants receives_contracts_and_grants "
    "airport_authority council_of_governments housing_authorities_public_tribal interstate_entity "
    "planning_commission port_authority transit_authority subchapter_scorporation limited_liability_corporation "
    "foreign_owned_and_located for_profit_organization nonprofit_organization other_not_for_profit_organization "
    "the_ability_one_program number_of_employees annual_revenue private_university_or_college "
    "state_controlled_institution_of_higher_learning 1862_land_grant_college 1890_land_grant_college "
    "1994_land_grant_college minority_institution historically_black_college tribal_college "
    "alaskan_native_servicing_institution native_hawaiian_servicing_institution school_of_forestry "
    "veterinary_college dot_certified_disadvantage self_certified_small_disadvantaged_business "
    "small_disadvantaged_business c8a_program_participant historically_underutilized_business_zone_hubzone_firm "
    "sba_certified_8a_joint_venture"
)
_FILE_LEFT_OUT = tuple(
    name
    for name in (*_LEFT_OUT, *(form for name in _CODED for form in (name, f"{name}_code")))
    if name not in _FILE_FIELDS
)
# The file of transactions in 259 columns, as the publisher's first data dictionary names them.
FILE_OF_2018 = AwardLayout(_FILE_FIELDS, _FILE_LEFT_OUT)
# The names that the same file has had since, as the publisher's present dictionary has them. No such file has been
# seen: what it holds beside them is reported by name.
_RENAMED = {
    "parent_award_id": "parent_award_id_piid", "award_description": "transaction_description",
    "recipient_phone_number": "", "recipient_fax_number": "", "fiscal_year": "action_date_fiscal_year",
}  # fmt: skip
_PAID = tuple(f"highly_compensated_officer_{place}_{fact}" for place in range(1, 6) for fact in ("name", "amount"))
FILE_SINCE = AwardLayout(
    {
        "contract_award_unique_key": AWARD_ID,
        **{_RENAMED.get(name, name): field for name, field in _FILE_FIELDS.items()},
        "recipient_uei": "recipient_uei", "total_dollars_obligated": "total_obligated", "usaspending_permalink": "url",
    },
    ("contract_transaction_unique_key", *_PAID,
     *filter(None, (_RENAMED.get(name, name) for name in _FILE_LEFT_OUT))),
)  # fmt: skip
FILES = {"contract_award_unique_key": FILE_SINCE, "award_id_piid": FILE_OF_2018}

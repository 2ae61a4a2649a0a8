/* See message_table.h. A test compares the table with the descriptors built into the program.
 * Thread: any. */
#include "wire/message_table.h"

#include "google/protobuf/any.pb-c.h"
#include "google/rpc/error_details.pb-c.h"
#include "google/rpc/status.pb-c.h"
#include "grpc/health/v1/health.pb-c.h"
#include "grpc/reflection/v1/reflection.pb-c.h"
#include "grpc/reflection/v1alpha/reflection.pb-c.h"
#include "haihe/v1/admin_service.pb-c.h"
#include "haihe/v1/match_service.pb-c.h"
#include "haihe/v1/record.pb-c.h"
#include "haihe/v1/record_service.pb-c.h"

#include "base/banned.h"

static const ProtobufCMessageDescriptor *const MESSAGES[] = {
    &google__protobuf__any__descriptor,
    &google__rpc__error_info__descriptor,
    &google__rpc__error_info__metadata_entry__descriptor,
    &google__rpc__bad_request__descriptor,
    &google__rpc__bad_request__field_violation__descriptor,
    &google__rpc__status__descriptor,
    &grpc__health__v1__health_check_request__descriptor,
    &grpc__health__v1__health_check_response__descriptor,
    &grpc__reflection__v1__server_reflection_request__descriptor,
    &grpc__reflection__v1__extension_request__descriptor,
    &grpc__reflection__v1__server_reflection_response__descriptor,
    &grpc__reflection__v1__file_descriptor_response__descriptor,
    &grpc__reflection__v1__extension_number_response__descriptor,
    &grpc__reflection__v1__list_service_response__descriptor,
    &grpc__reflection__v1__service_response__descriptor,
    &grpc__reflection__v1__error_response__descriptor,
    &grpc__reflection__v1alpha__server_reflection_request__descriptor,
    &grpc__reflection__v1alpha__extension_request__descriptor,
    &grpc__reflection__v1alpha__server_reflection_response__descriptor,
    &grpc__reflection__v1alpha__file_descriptor_response__descriptor,
    &grpc__reflection__v1alpha__extension_number_response__descriptor,
    &grpc__reflection__v1alpha__list_service_response__descriptor,
    &grpc__reflection__v1alpha__service_response__descriptor,
    &grpc__reflection__v1alpha__error_response__descriptor,
    &haihe__v1__backup_request__descriptor,
    &haihe__v1__backup_response__descriptor,
    &haihe__v1__history_request__descriptor,
    &haihe__v1__history_response__descriptor,
    &haihe__v1__change__descriptor,
    &haihe__v1__note__descriptor,
    &haihe__v1__stats_request__descriptor,
    &haihe__v1__method_stats__descriptor,
    &haihe__v1__stats_response__descriptor,
    &haihe__v1__weights__descriptor,
    &haihe__v1__soft_gate__descriptor,
    &haihe__v1__filter__descriptor,
    &haihe__v1__cursor__descriptor,
    &haihe__v1__match_options__descriptor,
    &haihe__v1__match_vacancies_request__descriptor,
    &haihe__v1__match_applicants_request__descriptor,
    &haihe__v1__points__descriptor,
    &haihe__v1__match__descriptor,
    &haihe__v1__gate_count__descriptor,
    &haihe__v1__match_response__descriptor,
    &haihe__v1__explain_request__descriptor,
    &haihe__v1__skill_explanation__descriptor,
    &haihe__v1__criterion_explanation__descriptor,
    &haihe__v1__gate_explanation__descriptor,
    &haihe__v1__counterfactual__descriptor,
    &haihe__v1__explanation__descriptor,
    &haihe__v1__key__descriptor,
    &haihe__v1__geo_point__descriptor,
    &haihe__v1__place__descriptor,
    &haihe__v1__salary__descriptor,
    &haihe__v1__wage_wish__descriptor,
    &haihe__v1__skill_demand__descriptor,
    &haihe__v1__skill_held__descriptor,
    &haihe__v1__occupation__descriptor,
    &haihe__v1__language_skill__descriptor,
    &haihe__v1__vacancy__descriptor,
    &haihe__v1__consent__descriptor,
    &haihe__v1__applicant__descriptor,
    &haihe__v1__normalized_vacancy__descriptor,
    &haihe__v1__normalized_applicant__descriptor,
    &haihe__v1__record__descriptor,
    &haihe__v1__delete_record__descriptor,
    &haihe__v1__set_status__descriptor,
    &haihe__v1__apply_request__descriptor,
    &haihe__v1__applied__descriptor,
    &haihe__v1__apply_response__descriptor,
    &haihe__v1__get_request__descriptor,
    &haihe__v1__batch_get_request__descriptor,
    &haihe__v1__batch_get_response__descriptor,
    &haihe__v1__list_request__descriptor,
    &haihe__v1__listed_record__descriptor,
    &haihe__v1__list_response__descriptor,
    NULL,
};

const ProtobufCMessageDescriptor *message_find(struct str full_name)
{
    for (size_t i = 0; MESSAGES[i]; i++)
        if (str_equal(str_of(MESSAGES[i]->name), full_name))
            return MESSAGES[i];
    return NULL;
}

const ProtobufCMessageDescriptor *const *message_all(void)
{
    return MESSAGES;
}
